import { createServer, type IncomingMessage, request as openRequest, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Arrival, readEvents } from './read-events.ts'

/** From the last byte of a request to its answer, preflights included. */
export const LATENCY_MS = 120

/** `failing`: answers 500. `offline`: no connection gets through. */
export type CollectorMode = 'failing' | 'offline' | 'up'

/** Where the SDKs send to: it plays each vendor's server, or stands before the real one. */
export interface Collector {
  readonly url: string
  /** Each event as often as it was taken, in order; what was answered 500 is not among them. */
  readonly arrivals: Arrival[]
  mode: CollectorMode
  /** The real server behind it; undefined: it answers by itself. */
  upstream: string | undefined
  /** Address that the real server is told the visitor has. */
  visitorAddress: string
  close(): void
}

interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string | Buffer
}

const json = (body: object): Answer => ({
  status: 200,
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify(body),
})

const POSTHOG_CONFIG = {
  supportedCompression: ['gzip', 'gzip-js'],
  hasFeatureFlags: false,
  sessionRecording: false,
  surveys: false,
  siteApps: [],
}

/** Enough of each vendor's protocol for its SDK to be content. */
function playVendor(path: string, host: string): Answer {
  if (path.startsWith('/array/') && path.endsWith('/config.js')) {
    const config = JSON.stringify({ phc_bench: { config: POSTHOG_CONFIG, siteApps: [] } })
    return {
      status: 200,
      headers: { 'Content-Type': 'text/javascript' },
      body: `window._POSTHOG_REMOTE_CONFIG = ${config}`,
    }
  }
  if (path.startsWith('/array/')) return json(POSTHOG_CONFIG)
  if (path.startsWith('/flags')) return json({ featureFlags: {}, flags: {}, featureFlagPayloads: {} })
  if (path.startsWith('/v1/projects/')) {
    const segment = { apiKey: 'bench', apiHost: `${host}/v1`, protocol: 'http' }
    return json({ integrations: { 'Segment.io': segment }, plan: {}, enabledMiddleware: {} })
  }
  // Mixpanel reads `status`, Segment `success`, umami `cache`.
  return json({ status: 1, success: true, cache: 'bench' })
}

const allowOrigin = ({ headers }: IncomingMessage) => ({
  'Access-Control-Allow-Origin': headers.origin ?? '*',
  'Access-Control-Allow-Credentials': 'true',
  'Access-Control-Allow-Methods': 'GET, POST, PUT, PATCH, DELETE',
  'Access-Control-Allow-Headers': headers['access-control-request-headers'] ?? '*',
})

/** @throws Error where the real server does not answer */
function forward(request: IncomingMessage, body: Buffer, { upstream, visitorAddress }: Collector) {
  return new Promise<Answer>((resolve, reject) => {
    const headers = { ...request.headers, 'x-forwarded-for': visitorAddress }
    const asked = openRequest(
      `${upstream}${request.url}`,
      { method: request.method, headers },
      (response) => {
        const status = response.statusCode ?? 502
        buffer(response).then(
          (answered) => resolve({ status, headers: response.headers, body: answered }),
          reject,
        )
      },
    )
    asked.on('error', reject)
    asked.end(body)
  })
}

async function answer(request: IncomingMessage, body: Buffer, collector: Collector): Promise<Answer> {
  const isPreflight = request.method === 'OPTIONS'
  if (collector.mode === 'failing' && !isPreflight) {
    return { status: 500, headers: allowOrigin(request), body: 'failing' }
  }
  collector.arrivals.push(...readEvents(body))
  if (collector.upstream !== undefined) return forward(request, body, collector)
  if (isPreflight) return { status: 204, headers: allowOrigin(request), body: '' }
  const { headers, ...answered } = playVendor(request.url ?? '/', request.headers.host ?? '')
  return { ...answered, headers: { ...headers, ...allowOrigin(request) } }
}

async function serve(request: IncomingMessage, response: ServerResponse, collector: Collector) {
  const body = await buffer(request)
  if (collector.mode === 'offline') return response.destroy()
  const [{ status, headers, body: answered }] = await Promise.all([
    answer(request, body, collector),
    sleep(LATENCY_MS),
  ])
  response.writeHead(status, headers)
  return response.end(answered)
}

/** A collector on a free port. */
export async function startCollector(): Promise<Collector> {
  const server = createServer((request, response) => {
    // A visitor who has left, or a server that went away, is no fault of the collector.
    serve(request, response, collector).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const collector: Collector = {
    url: `http://collector.shop.localhost:${(server.address() as AddressInfo).port}`,
    arrivals: [],
    mode: 'up',
    upstream: undefined,
    visitorAddress: '198.51.100.1',
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
  return collector
}
