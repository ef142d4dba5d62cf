import { Agent, request, type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { expect, it } from 'vitest'
import { listen } from './lifecycle.ts'
import { startServer } from './testing/start-server.ts'

const LOOPBACK = { host: '127.0.0.1', port: 0 }

interface Reply {
  readonly status: number | undefined
  readonly body: string
  readonly connection: string | undefined
}

function call(url: string, agent: Agent): Promise<Reply> {
  return new Promise((resolve, reject) => {
    request(url, { agent }, async (response) => {
      const body = Buffer.concat(await response.toArray()).toString()
      resolve({ status: response.statusCode, body, connection: response.headers.connection })
    })
      .on('error', reject)
      .end()
  })
}

it('answers what it took before it closes, and takes nothing more', async () => {
  const held: ServerResponse[] = []
  let arrived: () => void = () => undefined
  const allArrived = new Promise<void>((resolve) => {
    arrived = resolve
  })
  const listening = await listen((_request, response) => {
    held.push(response)
    if (held.length === 5) arrived()
  }, LOOPBACK)
  const agent = new Agent({ keepAlive: true })
  const replies = Array.from({ length: 5 }, () => call(listening.url, agent))
  await allArrived

  const closed = listening.close()
  await expect(call(listening.url, new Agent())).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  for (const response of held) response.end('answered')
  expect(await Promise.all(replies)).toEqual(
    Array.from({ length: 5 }, () => expect.objectContaining({ status: 200, body: 'answered' })),
  )
  // Resolves although the client would keep its connections open.
  await closed
  await listening.close()
  agent.destroy()
})

it('does not wait for idle keep-alive connections', async () => {
  const listening = await listen((_request, response) => response.end('hello'), LOOPBACK)
  const agent = new Agent({ keepAlive: true })
  await call(listening.url, agent)
  await listening.close()
  agent.destroy()
})

it('parts after the last answer on a connection that was busy when it closed', async () => {
  let answerNow: () => void = () => undefined
  const arrived = new Promise<void>((resolve) => {
    answerNow = resolve
  })
  let response: ServerResponse | undefined
  const listening = await listen((_request, held) => {
    response = held
    answerNow()
  }, LOOPBACK)
  const socket = connect(Number(new URL(listening.url).port), '127.0.0.1')
  socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  await arrived
  const ended = new Promise((resolve) => socket.once('close', resolve))
  const closed = listening.close()
  response?.end('x')
  socket.resume()
  await Promise.all([ended, closed])
})

it('tells the address it listens on, IPv6 in brackets', async () => {
  const four = await listen(() => undefined, LOOPBACK)
  expect(four.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
  await expect(
    listen(() => undefined, { host: '127.0.0.1', port: Number(new URL(four.url).port) }),
  ).rejects.toMatchObject({ code: 'EADDRINUSE' })
  await four.close()
})

it.each([
  ['its head', 'POST / HTTP/1.1\r\nHost: a\r\n'],
  ['its body', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n{'],
])('W2 cuts off a client that never finishes %s', async (_part, text) => {
  const timeouts = {
    requestTimeout: 200,
    headersTimeout: 100,
    keepAliveTimeout: 100,
    connectionsCheckingInterval: 20,
  }
  const listening = await listen((incoming) => incoming.resume(), LOOPBACK, timeouts)
  const socket = connect(Number(new URL(listening.url).port), '127.0.0.1')
  socket.write(text)
  const answer = Buffer.concat(await socket.toArray()).toString()
  expect(answer).toMatch(/^HTTP\/1\.1 408 /)
  await listening.close()
})

it.each(['/api/events', '/api/sessions'])(
  'W2 cuts off a client that stalls in the body of POST %s',
  async (path) => {
    const timeouts = {
      requestTimeout: 200,
      headersTimeout: 100,
      keepAliveTimeout: 100,
      connectionsCheckingInterval: 20,
    }
    const { server, close } = await startServer()
    const listening = await listen(server.handler, LOOPBACK, timeouts)
    const socket = connect(Number(new URL(listening.url).port), '127.0.0.1')
    const head = ['Host: 127.0.0.1', 'Content-Type: application/json', 'Content-Length: 1000']
    socket.write([`POST ${path} HTTP/1.1`, ...head, '', '{'].join('\r\n'))
    const answer = Buffer.concat(await socket.toArray()).toString()
    expect(answer).toMatch(/^(?:HTTP\/1\.1 40[08] |$)/)
    // The server is none the worse for it.
    expect((await fetch(`${listening.url}/healthz`)).status).toBe(200)
    await listening.close()
    await close()
  },
)
