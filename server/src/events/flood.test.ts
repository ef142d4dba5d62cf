import { randomUUID } from 'node:crypto'
import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openStorage } from '../open-storage.ts'
import type { Engine, Storage } from '../platform/storage/storage.ts'
import type { Tables } from '../tables.ts'
import { eventOf, sendEvents } from '../testing/send-events.ts'
import { type StartedServer, startServer } from '../testing/start-server.ts'

const MANY = { points: 100_000_000, perSeconds: 60 }

/** A database whose writes of events hang until they are let through, or fail. */
function hang(engine: Engine) {
  if (engine.kind !== 'sqlite') throw new Error('This test holds up SQLite.')
  let release = () => {}
  let fail = (_error: Error) => {}
  const gate = new Promise<void>((resolve, reject) => {
    release = resolve
    fail = reject
  })
  gate.catch(() => undefined)
  const inTurn: typeof engine.inTurn = async (work) => {
    await gate
    return engine.inTurn(work)
  }
  return { engine: { ...engine, inTurn }, release, fail }
}

let storage: Storage<Tables>
let held: ReturnType<typeof hang>
let server: StartedServer
beforeEach(async () => {
  storage = await openStorage(':memory:', '')
  held = hang(storage.engine)
  server = await startServer({
    storage: { ...storage, engine: held.engine },
    config: { TRUST_PROXY: ['loopback'] },
    limits: { events_address: MANY, events_session: MANY },
  })
})
afterEach(async () => {
  await server.close()
  await storage.close()
})

const from = (address: string) => ({ 'X-Forwarded-For': address, 'X-Session-ID': randomUUID() })
const countEvents = async () => (await storage.db.select().from(storage.tables.eventLogs)).length

/** A request whose length is not told, as the door must expect the most of it. */
async function sendUntold(headers: Record<string, string>) {
  const body = new Blob([JSON.stringify(eventOf())]).stream()
  const init = {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body,
    duplex: 'half',
  }
  const response = await fetch(`${server.url}/api/events`, init as RequestInit)
  // biome-ignore lint/suspicious/noExplicitAny: an answer of any shape; the expectations say which.
  return { status: response.status, headers: response.headers, body: (await response.json()) as any }
}

it('turns away who floods, with 503 and Retry-After, and takes every event of the others', async () => {
  const flood = Array.from({ length: 40 }, () => sendUntold(from('192.0.2.1')))
  const refused: number[] = []
  for (const sending of flood) void sending.then(({ status }) => refused.push(status)).catch(() => undefined)
  await expect.poll(() => refused.length, { timeout: 15_000 }).toBe(24)
  const others = Array.from({ length: 30 }, (_, index) =>
    sendEvents(server.url, eventOf(), from(`198.51.100.${index + 1}`)),
  )
  held.release()
  for (const { status, body } of await Promise.all(others)) expect([status, body.accepted]).toEqual([202, 1])
  const answers = await Promise.all(flood)
  expect(answers.filter(({ status }) => status === 202)).toHaveLength(16)
  for (const { status, body, headers } of answers.filter((answer) => answer.status !== 202)) {
    expect([status, body.error.code, headers.get('retry-after')]).toEqual([503, 'server.busy', '1'])
  }
})

function readHeapBytes(): number {
  setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')
  collect()
  return process.memoryUsage().heapUsed
}

/** A request as Node hands it over, without a socket for each: twenty thousand are more than a machine has. */
function createRequest(index: number) {
  const address = index % 100
  const socket = Object.defineProperty(new Socket(), 'remoteAddress', { value: '127.0.0.1' })
  const request = new IncomingMessage(socket)
  const body = JSON.stringify(eventOf({ payload: { text: 'x'.repeat(2000) } }))
  request.method = 'POST'
  request.url = '/api/events'
  request.headers = {
    'content-type': 'application/json',
    'content-length': String(body.length),
    'x-forwarded-for': `198.51.100.${address}`,
    'x-session-id': `0b0f4f3e-0000-4000-8000-${String(address).padStart(12, '0')}`,
  }
  request.push(body)
  request.push(null)
  return { request, response: new ServerResponse(request) }
}

it('holds no more in memory for 20,000 requests that wait for the database than for 6,000', async () => {
  const statuses = new Map<number, number>()
  let ended = 0
  async function send(index: number): Promise<void> {
    const { request, response } = createRequest(index)
    await server.server.ingest(request, response)
    ended += 1
    statuses.set(response.statusCode, (statuses.get(response.statusCode) ?? 0) + 1)
    if (response.statusCode === 503) expect(Number(response.getHeader('retry-after'))).toBeGreaterThan(0)
  }
  let sent = 0
  async function sendUntil(total: number): Promise<void> {
    for (; sent < total; sent += 1) {
      void send(sent)
      if (sent % 100 === 0) await setImmediate()
    }
    // All but those that wait for the database, of which there are as many as ever will be.
    await expect.poll(() => sent - ended, { timeout: 30_000 }).toBeLessThanOrEqual(4000)
  }
  await sendUntil(6000)
  const waiting = sent - ended
  expect(waiting).toBeGreaterThan(1000)
  const before = readHeapBytes()
  await sendUntil(20_000)
  expect(sent - ended).toBeLessThanOrEqual(4000)
  // 14,000 bodies of 2 KB alone are 28 MB.
  expect(readHeapBytes() - before).toBeLessThan(10_000_000 + 10_000 * Math.max(0, sent - ended - waiting))
  held.fail(new Error('disk I/O error'))
  await expect.poll(() => ended, { timeout: 30_000 }).toBe(20_000)
  expect([...statuses]).toEqual([[503, 20_000]])
  expect(await countEvents()).toBe(0)
}, 120_000)
