import { afterEach, expect, it } from 'vitest'
import { closeClients, SERVER_SESSION } from '../fake-page.ts'
import { openReadyTab, PREFIX, turns } from './fake-queue.ts'

afterEach(closeClients)

const trackMany = (track: (type: string) => void, count: number): void => {
  for (let n = 0; n < count; n += 1) track(`E_${n}`)
}

it('has an event in localStorage before track() returns, with its session, under its own key', async () => {
  const { client, page, staged } = await openReadyTab()
  client.track('CONTENT_CLICK', { page: '/quiz' })
  expect(staged()).toHaveLength(1)
  const [key = ''] = staged()
  const { sessionId, event } = JSON.parse(page.local.get(key) ?? '')
  expect(sessionId).toBe(SERVER_SESSION)
  expect(event).toMatchObject({ eventType: 'CONTENT_CLICK', payload: { page: '/quiz' }, seq: 0 })
  expect(key).toBe(PREFIX + event.eventId)
  await client.flush()
  expect(staged()).toEqual([])
})

it('sends a small fresh batch straight from localStorage: no database is made for it', async () => {
  const { client, browser, server } = await openReadyTab()
  trackMany(client.track, 50)
  await client.flush()
  expect(server.stored.size).toBe(50)
  expect(browser.indexedDb.databases.size).toBe(0)
})

it('holds at most 1,000 events in localStorage, and loses none of a burst of 5,000 in one task', async () => {
  const { client, staged, server } = await openReadyTab()
  trackMany(client.track, 5000)
  expect(staged()).toHaveLength(1000)
  expect(client.stats()).toEqual({ waiting: 5000, delivered: 0, dropped: {} })
  await client.flush()
  expect(server.stored.size).toBe(5000)
  expect(server.batches.flat()).toEqual(Array.from({ length: 5000 }, (_, n) => `E_${n}`))
  expect(client.stats()).toEqual({ waiting: 0, delivered: 5000, dropped: {} })
})

it('holds at most 256 KB in localStorage', async () => {
  const { client, page, staged } = await openReadyTab()
  for (let n = 0; n < 20; n += 1) client.track('CONTENT_CLICK', { text: 'x'.repeat(30_000) })
  const size = staged().reduce((sum, key) => sum + (page.local.get(key)?.length ?? 0), 0)
  expect(size).toBeLessThanOrEqual(262_144)
  expect(staged()).toHaveLength(8)
  expect(client.stats().waiting).toBe(20)
})

it('counts what earlier pages left against the room in localStorage', async () => {
  const first = await openReadyTab()
  first.server.down = { status: 503 }
  trackMany(first.client.track, 1000)
  first.kill()
  const second = await openReadyTab({ browser: first.browser, server: first.server })
  first.browser.indexedDb.isBlocked = true
  second.client.track('CONTENT_CLICK')
  expect(second.staged().length).toBeLessThanOrEqual(1000)
})

it('moves what the server did not take into IndexedDB, and out of localStorage', async () => {
  const { client, server, staged, shelved } = await openReadyTab()
  server.failures = [{ status: 503 }]
  trackMany(client.track, 3)
  await client.flush()
  expect(staged()).toEqual([])
  expect(shelved()).toHaveLength(3)
  await client.flush()
  expect(server.stored.size).toBe(3)
  expect(shelved()).toEqual([])
})

it('drops the oldest beyond 20,000 in IndexedDB, and counts them', async () => {
  const { client, server, shelved, drops } = await openReadyTab()
  server.down = { status: 503 }
  trackMany(client.track, 15_000)
  await client.flush()
  trackMany((type) => client.track(`LATER_${type}`), 5003)
  await client.flush()
  expect(shelved()).toHaveLength(20_000)
  expect(drops).toEqual([{ reason: 'queue_full', types: ['E_0', 'E_1', 'E_2'], detail: undefined }])
  expect(client.stats()).toMatchObject({ waiting: 20_000, dropped: { queue_full: 3 } })
  server.down = undefined
  await client.flush()
  expect(server.stored.size).toBe(20_000)
})

it('drops the oldest beyond 20,000 where there is no disk but memory', async () => {
  const { client, browser, server } = await openReadyTab()
  browser.indexedDb.isBlocked = true
  browser.quota = 0
  server.down = { status: 503 }
  trackMany(client.track, 20_002)
  expect(client.stats()).toEqual({ waiting: 20_000, delivered: 0, dropped: { queue_full: 2 } })
  server.down = undefined
  await client.flush()
  expect([...new Set(server.batches.flat())].at(-1)).toBe('E_20001')
  expect(server.stored.size).toBe(20_000)
})

it('throws nothing and loses nothing where localStorage is full', async () => {
  const { client, browser, server, staged } = await openReadyTab()
  browser.quota = 0
  trackMany(client.track, 200)
  expect(staged()).toEqual([])
  await client.flush()
  expect(server.stored.size).toBe(200)
  expect(client.stats()).toEqual({ waiting: 0, delivered: 200, dropped: {} })
})

it('delivers from localStorage where IndexedDB fails', async () => {
  const { client, browser, server, staged, errors } = await openReadyTab()
  browser.indexedDb.isBlocked = true
  server.down = { status: 503 }
  trackMany(client.track, 120)
  await client.flush()
  expect(staged()).toHaveLength(120)
  server.down = undefined
  await client.flush()
  expect(server.stored.size).toBe(120)
  expect(errors).toEqual([])
})

it('numbers the events of a session without a repetition in another tab or on the next page', async () => {
  const first = await openReadyTab()
  const second = await openReadyTab({ browser: first.browser, server: first.server })
  for (const { client } of [first, second, first, second]) client.track('CONTENT_CLICK')
  const third = await openReadyTab({ browser: first.browser, server: first.server })
  third.server.down = { status: 503 }
  third.client.track('CONTENT_CLICK')
  const numbers = first.staged().map((key) => JSON.parse(first.page.local.get(key) ?? '').event.seq)
  await turns()
  expect(numbers.at(-1)).toBe(4)
})

it('counts a damaged entry as invalid, and sends the others', async () => {
  const { client, page, server, drops } = await openReadyTab()
  const id = '0192f1c2-0000-7000-8000-00000000ffff'
  page.local.set(PREFIX + id, '{"sessionId":')
  client.track('CONTENT_CLICK')
  await client.flush()
  expect(server.stored.size).toBe(1)
  expect(drops).toEqual([{ reason: 'invalid', types: [''], detail: undefined }])
  expect(page.local.has(PREFIX + id)).toBe(false)
})
