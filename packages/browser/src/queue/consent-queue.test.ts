import { afterEach, expect, it } from 'vitest'
import { closeClients, sessionAnswer } from '../fake-page.ts'
import { openReadyTab, openTab, PREFIX, turns } from './fake-queue.ts'

afterEach(closeClients)

/** A tab whose queue lies in all places: 60 events in IndexedDB, 2 in localStorage. */
async function openFullTab() {
  const tab = await openReadyTab()
  tab.server.down = { status: 503, headers: { 'Retry-After': '60' } }
  for (let n = 0; n < 60; n += 1) tab.client.track(`E_${n}`)
  await tab.client.flush()
  tab.client.track('STAGED')
  tab.client.track('STAGED')
  expect(tab.shelved()).toHaveLength(60)
  expect(tab.staged()).toHaveLength(2)
  return tab
}

const ours = (keys: Iterable<string>): string[] => [...keys].filter((key) => key.startsWith(PREFIX))

it('a refusal erases the queue everywhere, and counts each event', async () => {
  const { client, page, browser, server, drops } = await openFullTab()
  await client.optOut()
  expect(ours(page.local.keys())).toEqual([])
  await expect.poll(() => browser.indexedDb.databases.size).toBe(0)
  await turns()
  expect(client.stats()).toEqual({ waiting: 0, delivered: 0, dropped: { opted_out: 62 } })
  expect(drops.every(({ reason }) => reason === 'opted_out')).toBe(true)
  server.down = undefined
  await client.flush()
  expect(server.stored.size).toBe(0)
})

it('a refusal in one tab erases the copies of the others, each event counted once', async () => {
  const one = await openFullTab()
  const two = await openReadyTab({ browser: one.browser, server: one.server })
  two.client.track('OTHER')
  await one.client.optOut()
  await turns()
  expect(two.client.consentMode).toBe('off')
  await expect.poll(() => one.browser.indexedDb.databases.size).toBe(0)
  await turns()
  const [ofOne, ofTwo] = [one.client.stats(), two.client.stats()]
  expect([ofOne.waiting, ofTwo.waiting]).toEqual([0, 0])
  expect((ofOne.dropped.opted_out ?? 0) + (ofTwo.dropped.opted_out ?? 0)).toBe(63)
})

it.each(['pageshow', 'visibilitychange'])(
  'a page that comes back by %s after a refusal it did not hear of sends and keeps nothing',
  async (sign) => {
    const one = await openFullTab()
    const two = await openReadyTab({ browser: one.browser, server: one.server })
    one.browser.watchers.clear()
    await two.client.optOut()
    one.server.down = undefined
    one.server.batches.length = 0
    if (sign === 'pageshow') one.fire(sign)
    else one.show()
    expect(one.client.consentMode).toBe('off')
    one.client.track('LATER')
    await one.client.flush()
    await one.elapse(60_000)
    expect(one.server.batches).toEqual([])
    expect([...one.page.local.keys()]).toEqual(['helloagain_session_id_consent'])
    expect(one.client.stats().waiting).toBe(0)
  },
)

it('cookieless takes the disk into memory, and still delivers', async () => {
  const { client, page, browser, server } = await openFullTab()
  await client.setConsent({ choice: 'denied' })
  expect(client.consentMode).not.toBe('recognition')
  expect(ours(page.local.keys())).toEqual([])
  await expect.poll(() => browser.indexedDb.databases.size).toBe(0)
  server.down = undefined
  if (client.consentMode === 'off') return
  await client.flush()
  expect(server.stored.size).toBe(62)
})

it('leaves the disk to the other tabs until the server has said what holds, and then acts on it', async () => {
  const one = await openFullTab()
  one.page.local.delete('helloagain_session_id')
  let rule = { status: 503, body: {} }
  const { receive } = one.server
  one.server.receive = (sent) => (sent.path === '/api/sessions' ? rule : receive(sent))
  const two = await openReadyTab({ browser: one.browser, server: one.server })
  await turns()
  expect(two.client.consentMode).toBe('cookieless')
  expect([one.staged().length, one.shelved().length]).toEqual([2, 60])
  const site = { fingerprintSalt: '', unsetMode: 'cookieless', sessionTtlSeconds: 1 }
  rule = { status: 200, body: sessionAnswer({ consent: { mode: 'cookieless' }, site }) }
  await two.elapse(1000)
  await two.elapse(0)
  expect(ours(two.page.local.keys())).toEqual([])
  expect(two.browser.indexedDb.databases.size).toBe(0)
})

it('an agreement brings what waited in memory to disk', async () => {
  const { client, page } = openTab({ navigator: { globalPrivacyControl: true }, flushIntervalMs: 60_000 })
  await client.ready()
  await turns()
  client.track('A')
  expect([...page.local.keys()]).toEqual([])
  const decided = client.optIn()
  expect(ours(page.local.keys())).toHaveLength(1)
  await decided
})

it('opens neither IndexedDB nor BroadcastChannel where nothing may be stored', async () => {
  const { client, page, server } = openTab({ navigator: { globalPrivacyControl: true } })
  const touched: string[] = []
  const { indexedDB } = page.scope
  Object.assign(page.scope, {
    indexedDB: {
      ...indexedDB,
      open: () => touched.push('open'),
      deleteDatabase: () => touched.push('delete'),
    },
    BroadcastChannel: class {
      name = touched.push('channel')
    },
  })
  for (let n = 0; n < 120; n += 1) client.track(`E_${n}`)
  await client.flush()
  expect(server.stored.size).toBe(120)
  expect(touched).toEqual([])
  expect([...page.local, ...page.reads]).toEqual([])
})

it('holds at most 1,000 events where nothing may be stored', async () => {
  const { client } = openTab({ navigator: { globalPrivacyControl: true } })
  for (let n = 0; n < 1003; n += 1) client.track(`E_${n}`)
  expect(client.stats()).toEqual({ waiting: 1000, delivered: 0, dropped: { queue_full: 3 } })
})

it('delivers a queue that was written before the identity expired', async () => {
  const first = await openFullTab()
  first.kill()
  first.server.down = undefined
  first.browser.nowMs += 31 * 86_400_000
  const next = await openReadyTab({ browser: first.browser, server: first.server })
  await next.client.flush()
  expect(next.server.stored.size).toBe(62)
})

it('a page that starts after a refusal erases what is left, and loads nothing', async () => {
  const first = await openFullTab()
  first.kill()
  first.page.local.set('helloagain_session_id_consent', JSON.stringify({ choice: 'denied' }))
  const next = openTab({ browser: first.browser, server: first.server })
  await next.client.ready()
  await turns()
  expect(ours(next.page.local.keys())).toEqual([])
  expect(next.browser.indexedDb.databases.size).toBe(0)
  expect(next.page.sent).toEqual([])
})
