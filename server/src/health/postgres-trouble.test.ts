import { randomUUID } from 'node:crypto'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { Client } from 'pg'
import { afterEach, beforeEach, expect, inject, it } from 'vitest'
import { openStorage } from '../open-storage.ts'
import type { Storage } from '../platform/storage/storage.ts'
import type { Tables } from '../tables.ts'
import { cookieOf, eventOf, sendEvents, storedEvents } from '../testing/send-events.ts'
import { type StartedServer, startServer } from '../testing/start-server.ts'

/** A wire to PostgreSQL that can be cut, or go silent as a host does that is lost. */
async function createWire(target: URL) {
  const sockets = new Set<Socket>()
  let state: 'cut' | 'silent' | 'whole' = 'whole'
  const server: Server = createServer((near) => {
    if (state === 'cut') return void near.destroy()
    const far = connect(Number(target.port), target.hostname)
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from)
      from.on('data', (bytes) => {
        if (state === 'whole') to.write(bytes)
      })
      from.on('error', () => undefined).on('close', () => to.destroy())
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const url = new URL(target)
  if (address !== null && typeof address === 'object') url.port = String(address.port)
  url.hostname = '127.0.0.1'
  return {
    url: url.href,
    become(next: typeof state) {
      state = next
      if (next === 'cut') for (const socket of sockets) socket.destroy()
    },
    close() {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

let admin: Client
let database: string
let wire: Awaited<ReturnType<typeof createWire>>
let storage: Storage<Tables>
let server: StartedServer
beforeEach(async () => {
  const url = new URL(inject('postgresUrl'))
  admin = new Client({ connectionString: url.href })
  await admin.connect()
  database = `test_${randomUUID()}`
  await admin.query(`CREATE DATABASE "${database}"`)
  url.pathname = database
  wire = await createWire(url)
  storage = await openStorage(wire.url, '', { patienceMs: 700 })
  server = await startServer({ storage })
})
afterEach(async () => {
  await server.close()
  await storage.close()
  wire.close()
  await admin.end()
})

async function ready() {
  const response = await fetch(`${server.url}/readyz`)
  const { checks } = (await response.json()) as { checks: unknown }
  return { status: response.status, checks }
}

async function openSession() {
  const sessionId = randomUUID()
  const first = await sendEvents(server.url, eventOf(), { 'X-Session-ID': sessionId })
  expect(first.status).toBe(202)
  return { sessionId, headers: { 'X-Session-ID': sessionId, Cookie: cookieOf(first) } }
}

it.each([
  ['is gone', () => wire.become('cut'), () => wire.become('whole')],
  ['accepts and never answers', () => wire.become('silent'), () => wire.become('whole')],
  [
    'is read-only, as a standby',
    () => admin.query(`ALTER DATABASE "${database}" SET default_transaction_read_only = on`),
    () => admin.query(`ALTER DATABASE "${database}" RESET default_transaction_read_only`),
  ],
])(
  'PostgreSQL that %s: 503, nothing acknowledged, not ready, and it recovers by itself',
  async (what, down, up) => {
    const { sessionId, headers } = await openSession()
    const reconnect = () =>
      admin.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [database])
    await down()
    if (what.startsWith('is read-only')) await reconnect()
    await expect.poll(async () => (await ready()).checks).toEqual({ database: 'down' })
    // More than there are connections: a broken one must not keep its place in the pool.
    const refused = await Promise.all([
      ...Array.from({ length: 15 }, () => sendEvents(server.url, eventOf(), headers)),
      ...Array.from({ length: 15 }, () =>
        sendEvents(server.url, eventOf(), { 'X-Session-ID': randomUUID() }),
      ),
    ])
    for (const { status, body, headers: answered } of refused) {
      expect([status, body.error?.code]).toEqual([503, 'server.unavailable'])
      expect(Number(answered.get('retry-after'))).toBeGreaterThan(0)
    }
    server.clock.advance(10_000)
    expect((await sendEvents(server.url, eventOf())).body.error.code).toBe('session.id_missing')
    await up()
    if (what.startsWith('is read-only')) await reconnect()
    await expect.poll(async () => (await ready()).status, { timeout: 15_000 }).toBe(200)
    expect((await sendEvents(server.url, eventOf(), headers)).body).toMatchObject({ accepted: 1 })
    expect(await storedEvents(server, sessionId)).toHaveLength(2)
  },
)

it('a statement that waits for a lock is given up, and the next one goes through', async () => {
  const { headers } = await openSession()
  const url = new URL(inject('postgresUrl'))
  url.pathname = database
  const other = new Client({ connectionString: url.href })
  await other.connect()
  await other.query('BEGIN')
  await other.query('LOCK TABLE event_logs IN ACCESS EXCLUSIVE MODE')
  const refused = await sendEvents(server.url, eventOf(), headers)
  expect([refused.status, refused.body.error.code]).toEqual([503, 'server.unavailable'])
  await other.query('ROLLBACK')
  await other.end()
  expect((await sendEvents(server.url, eventOf(), headers)).body).toMatchObject({ accepted: 1 })
})
