import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** A request as it came over the wire. */
export interface Received {
  method: string
  /** Path and query. */
  path: string
  /** By lower-case name; a header sent twice reads `a, b`. */
  headers: Record<string, string>
  body: string
}

/** A real server on a free port of the loopback. */
export interface Origin {
  origin: string
  port: number
  received: Received[]
  /** What came for a path, preflights apart. */
  receivedFor(path: string): Received[]
  preflightsFor(path: string): Received[]
}

export interface TwoOrigins {
  /** Serves the page. */
  home: Origin
  /** Another port of the same host: another origin. */
  other: Origin
  close(): Promise<void>
}

const CORS = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'X-Device-Fingerprint',
}

type Handler = (context: { url: URL; received: Received; response: ServerResponse }) => void

function answerJson(response: ServerResponse, value: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(200, { 'content-type': 'application/json', ...CORS, ...headers })
  response.end(JSON.stringify(value))
}

/** Shared by both origins; every path may be used with any query. */
const handlers: Record<string, Handler> = {
  '/page': ({ response }) => {
    response.writeHead(200, { 'content-type': 'text/html' })
    response.end('<!doctype html><title>conformance</title>')
  },
  '/echo': ({ response, received }) => answerJson(response, received),
  '/api/echo': ({ response, received }) => answerJson(response, received),
  // Only `*`: simple requests pass, preflights do not find their headers allowed.
  '/simple-only': ({ response, received }) => answerJson(response, received),
  '/fingerprint': ({ url, response, received }) =>
    answerJson(response, received, {
      'X-Device-Fingerprint': url.searchParams.get('value') ?? 'made-by-server',
    }),
  '/redirect': ({ url, response }) => {
    response.writeHead(302, { location: url.searchParams.get('to') ?? '/', ...CORS })
    response.end()
  },
  '/status': ({ url, response }) => {
    response.writeHead(Number(url.searchParams.get('code')), CORS)
    response.end('refused')
  },
  '/hang': () => {},
  '/cut': ({ response }) => {
    response.destroy()
  },
  '/stream': ({ response }) => {
    response.writeHead(200, { 'content-type': 'text/plain', ...CORS })
    response.write('first;')
    // The rest comes when the page asks for it at /stream-more, so that no test depends on time.
    streams.push(response)
  },
  '/stream-more': ({ response }) => {
    for (const stream of streams.splice(0)) stream.end('second')
    answerJson(response, true)
  },
  '/worker.js': ({ response }) => {
    response.writeHead(200, { 'content-type': 'text/javascript' })
    response.end(scripts.get('worker') ?? '')
  },
  '/service-worker.js': ({ response }) => {
    response.writeHead(200, { 'content-type': 'text/javascript' })
    response.end(`
      addEventListener('install', () => skipWaiting())
      addEventListener('activate', (event) => event.waitUntil(clients.claim()))
      addEventListener('fetch', (event) => event.respondWith(fetch(event.request)))
    `)
  },
}

const streams: ServerResponse[] = []
const scripts = new Map<'worker', string>()

/** What `/worker.js` serves. */
export function serveWorker(script: string): void {
  scripts.set('worker', script)
}

function joinDuplicates({ rawHeaders }: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {}
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] ?? '').toLowerCase()
    const value = rawHeaders[at + 1] ?? ''
    headers[name] = name in headers ? `${headers[name]}, ${value}` : value
  }
  return headers
}

function answerPreflight(url: URL, received: Received, response: ServerResponse): void {
  const isRefused = url.pathname === '/simple-only'
  response.writeHead(204, {
    ...CORS,
    'access-control-allow-methods': '*',
    ...(isRefused
      ? {}
      : { 'access-control-allow-headers': received.headers['access-control-request-headers'] ?? '' }),
  })
  response.end()
}

async function listen(): Promise<{ server: Server; origin: Origin }> {
  const received: Received[] = []
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const { method = '', url: path = '/' } = request
      const arrived = { method, path, headers: joinDuplicates(request), body }
      received.push(arrived)
      const url = new URL(path, 'http://127.0.0.1')
      if (method === 'OPTIONS') return answerPreflight(url, arrived, response)
      const handler = handlers[url.pathname]
      if (handler) return handler({ url, received: arrived, response })
      response.writeHead(404, CORS)
      response.end()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const of = (path: string) => received.filter((one) => one.path.split('?')[0] === path.split('?')[0])
  const isPreflight = (one: Received) => one.method === 'OPTIONS'
  return {
    server,
    origin: {
      origin: `http://127.0.0.1:${port}`,
      port,
      received,
      receivedFor: (path) => of(path).filter((one) => !isPreflight(one)),
      preflightsFor: (path) => of(path).filter(isPreflight),
    },
  }
}

export async function openTwoOrigins(): Promise<TwoOrigins> {
  const home = await listen()
  const other = await listen()
  return {
    home: home.origin,
    other: other.origin,
    async close() {
      for (const { server } of [home, other]) {
        server.close()
        server.closeAllConnections()
        await once(server, 'close')
      }
    },
  }
}
