import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openStorage } from '../open-storage.ts'
import type { Storage } from '../platform/storage/storage.ts'
import type { Tables } from '../tables.ts'
import { cookieOf, eventOf, sendEvents, storedEvents } from '../testing/send-events.ts'
import { type StartedServer, startServer } from '../testing/start-server.ts'

let folder: string
let storage: Storage<Tables>
let server: StartedServer
/** Another program that works on the file: a backup, a command. */
let other: BetterSqlite3.Database
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lock-'))
  storage = await openStorage(undefined, folder)
  server = await startServer({ storage })
  other = new BetterSqlite3(join(folder, 'helloagain.sqlite'))
})
afterEach(async () => {
  other.close()
  await server.close()
  await storage.close()
  await rm(folder, { recursive: true })
})

async function get(path: string, headers: Record<string, string> = {}) {
  const response = await fetch(`${server.url}${path}`, { headers })
  // biome-ignore lint/suspicious/noExplicitAny: an answer of any shape; the expectations say which.
  return { status: response.status, body: (await response.json()) as any }
}

/** A session with one event, whose browser goes on sending. */
async function openSession() {
  const sessionId = randomUUID()
  const first = await sendEvents(server.url, eventOf(), { 'X-Session-ID': sessionId })
  expect(first.status).toBe(202)
  return { sessionId, headers: { 'X-Session-ID': sessionId, Cookie: cookieOf(first) } }
}

describe('SQLite while another program writes to the file', () => {
  it('goes on answering and reading, and stores what waited once, when it is let', async () => {
    const { sessionId, headers } = await openSession()
    other.exec('BEGIN IMMEDIATE')
    let hasAnswer = false
    const known = sendEvents(server.url, eventOf(), headers).finally(() => {
      hasAnswer = true
    })
    const fresh = sendEvents(server.url, eventOf(), { 'X-Session-ID': randomUUID() })
    expect((await get('/healthz')).status).toBe(200)
    const read = await get(`/api/sessions/${sessionId}/events`, headers)
    expect([read.status, read.body.events.length]).toEqual([200, 1])
    expect((await get('/readyz')).status).toBe(503)
    expect(hasAnswer).toBe(false)
    other.exec('ROLLBACK')
    expect((await known).body).toMatchObject({ accepted: 1, duplicates: 0 })
    expect((await fresh).body).toMatchObject({ accepted: 1, duplicates: 0 })
    expect(await storedEvents(server, sessionId)).toHaveLength(2)
    expect((await get('/readyz')).status).toBe(200)
  })

  it('says 503 with Retry-After after a while, stores nothing of it, is not ready, and recovers by itself', async () => {
    const { sessionId, headers } = await openSession()
    other.exec('BEGIN IMMEDIATE')
    const refused = await Promise.all([
      ...Array.from({ length: 20 }, () => sendEvents(server.url, eventOf(), headers)),
      ...Array.from({ length: 20 }, () =>
        sendEvents(server.url, eventOf(), { 'X-Session-ID': randomUUID() }),
      ),
    ])
    for (const { status, body, headers: answered } of refused) {
      expect([status, body.error.code]).toEqual([503, 'server.unavailable'])
      expect(Number(answered.get('retry-after'))).toBeGreaterThan(0)
    }
    const ready = await get('/readyz')
    expect([ready.status, ready.body.checks]).toEqual([503, { database: 'down' }])
    other.exec('ROLLBACK')
    expect(await storage.db.select().from(storage.tables.eventLogs)).toHaveLength(1)
    expect((await get('/readyz')).status).toBe(200)
    expect((await sendEvents(server.url, eventOf(), headers)).body).toMatchObject({ accepted: 1 })
    expect(await storedEvents(server, sessionId)).toHaveLength(2)
  })

  it('names what is wrong with a request as long as nothing need be stored to know it', async () => {
    await openSession()
    other.exec('BEGIN IMMEDIATE')
    server.clock.advance(3_600_000)
    expect((await sendEvents(server.url, eventOf())).body.error.code).toBe('session.id_missing')
    other.exec('ROLLBACK')
  })
})
