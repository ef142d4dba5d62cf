import { randomUUID } from 'node:crypto'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { propertyRuns } from '../../../tools/property-runs.ts'
import { createLog } from '../platform/log.ts'
import { countSessions, eventOf, sendEvents, storedEvents } from '../testing/send-events.ts'
import { type StartedServer, startServer } from '../testing/start-server.ts'

const lines: { level: number; msg: string }[] = []
let server: StartedServer
/** The same server behind a listener that is strict about slow clients, as the operator's is. */
let strict: ReturnType<typeof createHttpServer>
beforeAll(async () => {
  const log = createLog('warn', { write: (line) => void lines.push(JSON.parse(line)) })
  server = await startServer({ log })
  const limits = { requestTimeout: 300, headersTimeout: 300, connectionsCheckingInterval: 50 }
  strict = createHttpServer(limits, server.server.handler)
  await new Promise<void>((resolve) => strict.listen(0, '127.0.0.1', resolve))
})
afterAll(async () => {
  strict.closeAllConnections()
  await new Promise((resolve) => strict.close(resolve))
  await server.close()
})

const strictPort = () => (strict.address() as AddressInfo).port
const head = (sessionId: string, rest: string) =>
  `POST /api/events HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nX-Session-ID: ${sessionId}\r\n${rest}\r\n\r\n`

/** Writes to a socket and answers all that came back by the time the server closed it. */
function exchange(port: number, ...writes: (Buffer | string)[]): Promise<string> {
  return new Promise((resolve) => {
    let answer = ''
    const socket = connect(port, '127.0.0.1')
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1')
    })
    // A server that has answered may reset a client that goes on sending.
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(answer))
    for (const write of writes) socket.write(write)
  })
}

describe('broken HTTP', () => {
  it('cuts off a client that stalls in the middle of its body, and keeps nothing of it', async () => {
    const sessionId = randomUUID()
    const answer = await exchange(strictPort(), head(sessionId, 'Content-Length: 100'), '{"eventType":"A",')
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /)
    expect(await countSessions(server, sessionId)).toBe(0)
    expect((await sendEvents(server.url, eventOf(), { 'X-Session-ID': sessionId })).status).toBe(202)
  })

  it('forgets a request that is aborted half-way, without an error in the log', async () => {
    const sessionId = randomUUID()
    const socket = connect(strictPort(), '127.0.0.1')
    const arrived = new Promise((resolve) => strict.once('request', resolve))
    socket.write(head(sessionId, 'Content-Length: 100'))
    socket.write('{"eventType":"A"')
    const request = (await arrived) as NodeJS.EventEmitter
    const closed = new Promise((resolve) => request.once('close', resolve))
    socket.destroy()
    await closed
    expect((await sendEvents(server.url, eventOf(), { 'X-Session-ID': sessionId })).status).toBe(202)
    expect(await storedEvents(server, sessionId)).toHaveLength(1)
    expect(lines.filter(({ level }) => level >= 50)).toEqual([])
  })

  it('413 for a declared length of 1 MiB + 1 before any of it is read, and closes', async () => {
    const answer = await exchange(strictPort(), head(randomUUID(), 'Content-Length: 1048577'))
    expect(answer).toMatch(/^HTTP\/1\.1 413 /)
    expect(answer).toMatch(/\r\nConnection: close\r\n/i)
    expect(answer).toContain('request.too_large')
  })

  it('413 for 1 MiB + 1 in chunks, counted while they stream, and closes', async () => {
    const chunk = `10000\r\n${' '.repeat(0x10000)}\r\n`
    const chunks = Array.from({ length: 17 }, () => chunk)
    const answer = await exchange(strictPort(), head(randomUUID(), 'Transfer-Encoding: chunked'), ...chunks)
    expect(answer).toMatch(/^HTTP\/1\.1 413 /)
    expect(answer).toMatch(/\r\nConnection: close\r\n/i)
  })

  it('takes a body in many small chunks', async () => {
    const sessionId = randomUUID()
    const json = JSON.stringify(eventOf({ payload: { text: 'Grüße 👋' } }))
    const chunks = [...Buffer.from(json)].map((byte) =>
      Buffer.concat([Buffer.from('1\r\n'), Buffer.of(byte), Buffer.from('\r\n')]),
    )
    const request = head(sessionId, 'Transfer-Encoding: chunked\r\nConnection: close')
    expect(await exchange(strictPort(), request, ...chunks, '0\r\n\r\n')).toMatch(/^HTTP\/1\.1 202 /)
    expect(await storedEvents(server, sessionId)).toMatchObject([{ payload: { text: 'Grüße 👋' } }])
  })

  it('never mistakes the rest of a refused body for another request', async () => {
    const sessionId = randomUUID()
    const inner = `${head(sessionId, 'Content-Length: 17')}{"eventType":"A"}`
    const outer = `POST /api/events HTTP/1.1\r\nHost: x\r\nContent-Type: text/html\r\nX-Session-ID: ${sessionId}\r\nContent-Length: ${inner.length + 50}\r\n\r\n${inner}`
    expect(await exchange(strictPort(), outer)).toMatch(/^HTTP\/1\.1 415 /)
    expect(await storedEvents(server, sessionId)).toEqual([])
  })
})

describe('any body at all', () => {
  const EXPECTED = [202, 400, 413, 415, 422]
  const nearlyRight = fc.record(
    {
      eventType: fc.oneof(fc.constant('PAGE_VIEW'), fc.string({ unit: 'binary' })),
      payload: fc.oneof(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()), fc.jsonValue()),
      timestamp: fc.oneof(
        fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
        fc.string(),
      ),
      seq: fc.oneof(fc.nat(), fc.double()),
    },
    { requiredKeys: ['eventType'] },
  )
  const body = fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    fc.json().map((json) => Buffer.from(json)),
    nearlyRight.map((event) => Buffer.from(JSON.stringify(event))),
    fc.array(nearlyRight, { maxLength: 5 }).map((events) => Buffer.from(JSON.stringify({ events }))),
  )

  it('is taken or refused with a code, never a failure of ours', async () => {
    await fc.assert(
      fc.asyncProperty(body, async (bytes) => {
        const answer = await sendEvents(server.url, bytes, { 'X-Session-ID': randomUUID() })
        expect(EXPECTED).toContain(answer.status)
        if (answer.status !== 202) expect(answer.body.error.code).toMatch(/^(?:request|event|session)\./)
      }),
      { numRuns: propertyRuns(300) },
    )
    expect(lines.filter(({ level }) => level >= 50)).toEqual([])
  })
})
