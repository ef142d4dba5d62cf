import { randomUUID } from 'node:crypto'
import { chmod, mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type BetterSqlite3 from 'better-sqlite3'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openStorage } from '../open-storage.ts'
import { onEveryEngine } from '../platform/storage/on-every-engine.ts'
import type { Storage } from '../platform/storage/storage.ts'
import type { Tables } from '../tables.ts'
import { eventOf, sendEvents } from '../testing/send-events.ts'
import { type StartedServer, startServer } from '../testing/start-server.ts'

let folder: string
let storage: Storage<Tables>
let server: StartedServer
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'disk-'))
  storage = await openStorage(undefined, folder)
  server = await startServer({ storage })
})
afterEach(async () => {
  await server.close()
  await storage.close()
  await rm(folder, { recursive: true })
})

const readiness = async () => (await fetch(`${server.url}/readyz`)).status
const sendOne = (event = eventOf()) => sendEvents(server.url, event, { 'X-Session-ID': randomUUID() })
const countEvents = async () => (await storage.db.select().from(storage.tables.eventLogs)).length

function inTurn<T>(work: (client: BetterSqlite3.Database) => T): Promise<T> {
  const { engine } = storage
  if (engine.kind !== 'sqlite') throw new Error('This test is of SQLite.')
  return engine.inTurn(work)
}

async function expectRefusal(event = eventOf()): Promise<void> {
  const refused = await sendOne(event)
  expect([refused.status, refused.body.error?.code]).toEqual([503, 'server.unavailable'])
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
}

it('is not ready while the database takes no writes, acknowledges nothing, and recovers by itself', async () => {
  expect(await readiness()).toBe(200)
  await inTurn((client) => client.pragma('query_only = ON'))
  expect(await readiness()).toBe(503)
  await expectRefusal()
  expect(await countEvents()).toBe(0)
  await inTurn((client) => client.pragma('query_only = OFF'))
  await expect.poll(readiness, { timeout: 15_000 }).toBe(200)
  expect((await sendOne()).status).toBe(202)
  expect(await countEvents()).toBe(1)
})

it('is not ready while the disk is full, acknowledges nothing, and recovers by itself', async () => {
  const large = () => eventOf({ payload: { text: 'x'.repeat(30_000) } })
  expect((await sendOne(large())).status).toBe(202)
  // SQLite answers SQLITE_FULL, as it does when the disk is.
  await inTurn((client) => client.pragma(`max_page_count = ${client.pragma('page_count', { simple: true })}`))
  await expectRefusal(large())
  expect(await readiness()).toBe(503)
  expect(await countEvents()).toBe(1)
  await inTurn((client) => client.pragma('max_page_count = 1073741823'))
  await expect.poll(readiness, { timeout: 15_000 }).toBe(200)
  expect((await sendOne(large())).status).toBe(202)
  expect(await countEvents()).toBe(2)
})

it('says so when the file has been moved away, acknowledges nothing, and recovers when it is back', async () => {
  const path = join(folder, 'helloagain.sqlite')
  expect((await sendOne()).status).toBe(202)
  await rename(path, `${path}.moved`)
  await expect.poll(readiness).toBe(503)
  await expectRefusal()
  await rename(`${path}.moved`, path)
  await expect.poll(readiness, { timeout: 15_000 }).toBe(200)
  expect((await sendOne()).status).toBe(202)
  expect(await countEvents()).toBe(2)
})

// The superuser may write everything.
it.skipIf(process.getuid?.() === 0)('opens no file that it may not write, and says why', async () => {
  const other = join(folder, 'other')
  const first = await openStorage(undefined, other)
  await first.close()
  await chmod(join(other, 'helloagain.sqlite'), 0o400)
  await expect(openStorage(undefined, other)).rejects.toMatchObject({ code: 'SQLITE_READONLY' })
})

onEveryEngine('a database that can be written', (opened) => {
  it('answers a ping', async () => {
    await expect(opened().ping()).resolves.toBeUndefined()
  })
})

it('rejects a ping on SQLite that is read-only', async () => {
  await inTurn((client) => client.pragma('query_only = ON'))
  await expect(storage.ping()).rejects.toThrow('readonly')
})
