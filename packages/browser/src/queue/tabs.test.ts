import { afterEach, expect, it } from 'vitest'
import { closeClients } from '../fake-page.ts'
import { createFakeServer, openReadyTab, PREFIX, type Tab, type TabOptions, turns } from './fake-queue.ts'

afterEach(closeClients)

const WITHOUT_LOCKS: TabOptions = { navigator: { locks: undefined } }

async function openTwo(options: TabOptions = {}): Promise<[Tab, Tab]> {
  const one = await openReadyTab(options)
  const two = await openReadyTab({ ...options, browser: one.browser, server: one.server })
  return [one, two]
}

const wireCount = ({ server }: Tab): number => server.batches.flat().length

it.each([
  ['a Web Lock', {}],
  ['a lease', WITHOUT_LOCKS],
])('two tabs with %s deliver what both tracked, each event once on the wire', async (_with, options) => {
  const [one, two] = await openTwo(options)
  for (let n = 0; n < 120; n += 1) (n % 2 ? one : two).client.track(`E_${n}`)
  await Promise.all([one.client.flush(), two.client.flush()])
  await two.elapse(15_000)
  await one.elapse(0)
  expect(one.server.stored.size).toBe(120)
  expect(wireCount(one)).toBe(120)
  const [ofOne, ofTwo] = [one.client.stats(), two.client.stats()]
  expect(ofOne.delivered + ofTwo.delivered).toBe(120)
  expect([ofOne.waiting, ofTwo.waiting]).toEqual([0, 0])
})

it('a tab that delivers tells the one that tracked: it has nothing left to hand over', async () => {
  const [one, two] = await openTwo()
  one.client.track('A')
  await two.client.flush()
  await turns()
  expect(one.client.stats()).toEqual({ waiting: 0, delivered: 0, dropped: {} })
  expect(two.client.stats()).toEqual({ waiting: 0, delivered: 1, dropped: {} })
  one.hide()
  await turns()
  expect(one.page.beacons).toEqual([])
})

it('knows that without BroadcastChannel by the key that is gone, when its turn comes', async () => {
  const one = await openReadyTab()
  Reflect.deleteProperty(one.page.scope, 'BroadcastChannel')
  const two = await openReadyTab({ browser: one.browser, server: one.server })
  Reflect.deleteProperty(two.page.scope, 'BroadcastChannel')
  one.client.track('A')
  await two.client.flush()
  await one.client.flush()
  expect(one.client.stats()).toMatchObject({ waiting: 0, delivered: 0 })
  expect(wireCount(one)).toBe(1)
})

it('the events of a tab that died are delivered by another tab that is looked at', async () => {
  const [one, two] = await openTwo()
  one.client.track('A')
  one.kill()
  await turns()
  await two.elapse(10_000)
  expect(two.server.stored.size).toBe(1)
  expect(two.client.stats()).toEqual({ waiting: 0, delivered: 1, dropped: {} })
})

it('the events of a tab that died are delivered by the next page, those in IndexedDB too', async () => {
  const one = await openReadyTab()
  one.server.down = { status: 503 }
  for (let n = 0; n < 80; n += 1) one.client.track(`E_${n}`)
  await one.client.flush()
  one.client.track('LAST')
  one.kill()
  expect(one.shelved()).toHaveLength(80)
  expect(one.staged()).toHaveLength(1)
  one.server.down = undefined
  const next = await openReadyTab({ browser: one.browser, server: one.server })
  await next.client.flush()
  expect(next.server.stored.size).toBe(81)
  expect(next.client.stats()).toEqual({ waiting: 0, delivered: 81, dropped: {} })
})

it('counts what another page left on disk as waiting, once it has looked', async () => {
  const one = await openReadyTab()
  one.server.down = { status: 503 }
  for (let n = 0; n < 80; n += 1) one.client.track(`E_${n}`)
  await one.client.flush()
  one.kill()
  const next = await openReadyTab({ browser: one.browser, server: one.server })
  await next.client.flush()
  expect(next.client.stats().waiting).toBe(80)
})

it('a crash between the two steps of a move leaves an event in both places, and stores it once', async () => {
  const one = await openReadyTab()
  const { indexedDb } = one.browser
  one.server.down = { status: 503 }
  for (let n = 0; n < 60; n += 1) one.client.track(`E_${n}`)
  const before = new Map(one.page.local)
  await one.client.flush()
  one.kill()
  for (const [key, text] of before) if (key.startsWith(PREFIX)) one.page.local.set(key, text)
  expect(indexedDb.databases.get(PREFIX)?.size).toBe(60)
  expect(one.staged()).toHaveLength(60)
  one.server.down = undefined
  one.server.batches.length = 0
  const next = await openReadyTab({ browser: one.browser, server: one.server })
  await next.client.flush()
  expect(wireCount(next)).toBe(60)
  expect(next.server.stored.size).toBe(60)
  expect([...next.staged(), ...next.shelved()]).toEqual([])
})

it('removes nothing from localStorage before IndexedDB has committed', async () => {
  const one = await openReadyTab()
  const { indexedDb } = one.browser
  const staged: number[] = []
  indexedDb.onCommit = () => staged.push(one.staged().length)
  one.server.down = { status: 503 }
  for (let n = 0; n < 3; n += 1) one.client.track(`E_${n}`)
  await one.client.flush()
  expect(staged[0]).toBe(3)
  expect(one.staged()).toEqual([])
})

it('shares a pause: no tab asks a server that one was told to leave alone', async () => {
  const [one, two] = await openTwo()
  one.server.failures = [{ status: 503, headers: { 'Retry-After': '20' } }]
  one.client.track('A')
  await one.elapse(1000)
  two.client.track('B')
  await two.elapse(1000)
  await two.elapse(10_000)
  expect(one.server.batches).toEqual([['A']])
  await two.elapse(9000)
  expect(one.server.batches).toEqual([['A'], ['A', 'B']])
})

it('takes over the lease of a tab that died with it', async () => {
  const one = await openReadyTab(WITHOUT_LOCKS)
  one.page.local.set(`${PREFIX}lease`, JSON.stringify({ tab: 'dead', untilMs: one.browser.nowMs + 15_000 }))
  one.client.track('A')
  await one.client.flush()
  expect(one.server.batches).toEqual([])
  await one.elapse(15_000)
  expect(one.server.batches).toEqual([['A']])
})

it('keeps what was tracked where the page itself wipes localStorage', async () => {
  const { client, page, server } = await openReadyTab()
  client.track('A')
  page.local.clear()
  await client.flush()
  expect(server.stored.size).toBe(1)
})

it('holds no lock, no channel of a hidden page and no connection while it is idle', async () => {
  const { client, browser, fire, page } = await openReadyTab()
  client.track('A')
  await client.flush()
  let isFree = false
  await browser.locks.request(PREFIX, async () => {
    isFree = true
  })
  expect(isFree).toBe(true)
  const heard: unknown[] = []
  const other = new browser.Channel(PREFIX)
  other.onmessage = ({ data }) => heard.push(data)
  fire('pagehide')
  client.track('B')
  await client.flush()
  await turns()
  expect(heard).toEqual([])
  page.target.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }))
  client.track('C')
  await client.flush()
  await turns()
  expect(heard.length).toBeGreaterThan(0)
})

it('two sites on one page have queues of their own', async () => {
  const one = await openReadyTab()
  const other = await openReadyTab({ browser: one.browser, siteKey: 'pk_other', server: createFakeServer() })
  one.client.track('A')
  other.client.track('B')
  await one.client.flush()
  await other.client.flush()
  expect(one.server.batches).toEqual([['A']])
  expect(other.server.batches).toEqual([['B']])
})

it('takes what was answered off the disk also where another tab tracks meanwhile: each event once on the wire', async () => {
  const server = createFakeServer()
  const { receive } = server
  let meanwhile: () => unknown = () => undefined
  server.receive = (sent) => {
    if (sent.path === '/api/events') meanwhile()
    return receive(sent)
  }
  const [one, two] = await openTwo({ server })
  server.down = { status: 503 }
  for (let n = 0; n < 120; n += 1) one.client.track(`E_${n}`)
  await one.client.flush()
  server.down = undefined
  server.batches.length = 0
  meanwhile = () => server.batches.length < 3 && two.client.track('MEANWHILE')
  await one.client.flush()
  const wire = one.server.batches.flat().filter((type) => type !== 'MEANWHILE')
  expect(wire).toEqual(Array.from({ length: 120 }, (_, n) => `E_${n}`))
  expect(one.shelved()).toEqual([])
})

it('does not believe a hint that is older than what it did since: what lies on disk is sent', async () => {
  const [one] = await openTwo()
  one.server.down = { status: 503 }
  one.client.track('A')
  await one.client.flush()
  expect(one.shelved()).toHaveLength(1)
  const channel = new one.browser.Channel(PREFIX)
  channel.postMessage({ settled: [], stored: 0 })
  await turns()
  one.server.down = undefined
  await one.client.flush()
  expect(one.server.stored.size).toBe(1)
  expect(one.shelved()).toEqual([])
})

it('has room in localStorage again for what another tab delivered', async () => {
  const [one, two] = await openTwo()
  for (let n = 0; n < 900; n += 1) one.client.track(`E_${n}`)
  await two.client.flush()
  await turns()
  for (let n = 900; n < 1800; n += 1) one.client.track(`E_${n}`)
  expect(one.staged()).toHaveLength(900)
})

it('delivers what is fresh where IndexedDB holds events and fails, or does not answer', async () => {
  for (const isSilent of [false, true]) {
    const one = await openReadyTab()
    one.server.down = { status: 503 }
    one.client.track('STORED')
    await one.client.flush()
    one.server.down = undefined
    if (isSilent) Object.assign(one.page.scope, { indexedDB: { open: () => ({}) } })
    else one.browser.indexedDb.isBlocked = true
    one.client.track('FRESH')
    const flushed = one.client.flush()
    await turns()
    await one.elapse(10_000)
    await one.elapse(10_000)
    await flushed
    expect(one.server.stored.size).toBe(1)
    one.browser.indexedDb.isBlocked = false
    Object.assign(one.page.scope, { indexedDB: one.browser.indexedDb.factory })
    await one.elapse(60_000)
    expect(one.server.stored.size).toBe(2)
    expect(one.shelved()).toEqual([])
  }
})
