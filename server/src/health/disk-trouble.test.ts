import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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
const sendOne = () => sendEvents(server.url, eventOf(), { 'X-Session-ID': randomUUID() })
const countEvents = async () => (await storage.db.select().from(storage.tables.eventLogs)).length

async function expectRefusal(): Promise<void> {
  expect(await readiness()).toBe(503)
  const refused = await sendOne()
  expect([refused.status, refused.body.error.code]).toEqual([503, 'server.unavailable'])
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(await countEvents()).toBe(0)
}

async function expectRecovery(): Promise<void> {
  expect(await readiness()).toBe(200)
  expect((await sendOne()).status).toBe(202)
  expect(await countEvents()).toBe(1)
}

it('is not ready while the database takes no writes, acknowledges nothing, and recovers by itself', async () => {
  const { engine } = storage
  if (engine.kind !== 'sqlite') throw new Error('This test sets a pragma of SQLite.')
  expect(await readiness()).toBe(200)
  await engine.inTurn((client) => client.pragma('query_only = ON'))
  await expectRefusal()
  await engine.inTurn((client) => client.pragma('query_only = OFF'))
  await expectRecovery()
})

onEveryEngine('a database that can be written', (opened) => {
  it('answers a ping', async () => {
    await expect(opened().ping()).resolves.toBeUndefined()
  })
})

it('rejects a ping on SQLite that is read-only', async () => {
  const { engine } = storage
  if (engine.kind !== 'sqlite') throw new Error('This test sets a pragma of SQLite.')
  await engine.inTurn((client) => client.pragma('query_only = ON'))
  await expect(storage.ping()).rejects.toThrow('readonly')
})
