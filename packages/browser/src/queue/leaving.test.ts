import type { EventBatch } from '@helloagain/protocol'
import { afterEach, expect, it } from 'vitest'
import { closeClients, SERVER_SESSION } from '../fake-page.ts'
import { createFakeServer, openReadyTab, openTab, turns } from './fake-queue.ts'

afterEach(closeClients)

const typesOf = (beacons: string[]): string[] =>
  beacons.flatMap((text) => (JSON.parse(text) as EventBatch).events.map(({ eventType }) => eventType))

it('hands over what is not confirmed, and sends it again on return: a beacon proves nothing', async () => {
  const { client, page, server, staged, hide, show } = await openReadyTab()
  client.track('A')
  hide()
  await turns()
  expect(typesOf(page.beacons)).toEqual(['A'])
  expect(staged()).toHaveLength(1)
  show()
  await expect.poll(() => server.stored.size).toBe(1)
  expect(client.stats()).toEqual({ waiting: 0, delivered: 1, dropped: {} })
})

it('leaves what a beacon took to the next page, which sends it', async () => {
  const first = await openReadyTab()
  first.client.track('A')
  first.hide()
  first.kill()
  const next = await openReadyTab({ browser: first.browser, server: first.server })
  await next.elapse(1000)
  expect(next.server.batches).toEqual([['A']])
  expect(next.client.stats()).toEqual({ waiting: 0, delivered: 1, dropped: {} })
})

it('hands over once where the page hides and unloads', async () => {
  const { client, page, hide, fire } = await openReadyTab()
  client.track('A')
  fire('pagehide')
  hide()
  await turns()
  expect(typesOf(page.beacons)).toEqual(['A'])
})

it('hands over nothing the server has answered for', async () => {
  const { client, page, hide } = await openReadyTab()
  client.track('A')
  await client.flush()
  client.track('B')
  hide()
  await turns()
  expect(typesOf(page.beacons)).toEqual(['B'])
})

it('hands over nothing offline: it lies on disk', async () => {
  const { client, page, staged, hide } = await openReadyTab({ navigator: { onLine: false } })
  client.track('A')
  hide()
  await turns()
  expect(page.beacons).toEqual([])
  expect(staged()).toHaveLength(1)
})

it('splits what leaves into pieces of at most 60 KB', async () => {
  const { client, page, hide } = await openReadyTab()
  for (let n = 0; n < 5; n += 1) client.track(`E_${n}`, { text: 'x'.repeat(25_000) })
  hide()
  await turns()
  expect(typesOf(page.beacons)).toEqual(['E_0', 'E_1', 'E_2', 'E_3', 'E_4'])
  expect(Math.max(...page.beacons.map(({ length }) => length))).toBeLessThan(60_000)
})

it('measures pieces in bytes, not in letters: a fetch with keepalive would fail without a word', async () => {
  const { client, page, hide } = await openReadyTab()
  for (let n = 0; n < 5; n += 1) client.track(`E_${n}`, { text: '\u6f22'.repeat(9000) })
  hide()
  await turns()
  expect(typesOf(page.beacons)).toEqual(['E_0', 'E_1', 'E_2', 'E_3', 'E_4'])
  expect(Math.max(...page.beacons.map((text) => new Blob([text]).size))).toBeLessThan(65_536)
})

it('tries smaller pieces where the quota is nearly used up, then a fetch with keepalive', async () => {
  const sizes: number[] = []
  let left = 20_000
  const { client, page, hide } = await openReadyTab({
    navigator: {
      sendBeacon(_url: string, { size }: Blob) {
        if (size > left) return false
        left -= size
        sizes.push(size)
        return true
      },
    },
  })
  for (let n = 0; n < 5; n += 1) client.track(`E_${n}`, { text: 'x'.repeat(8000) })
  const before = page.sent.length
  hide()
  await turns()
  expect(sizes).toHaveLength(2)
  expect(page.sent.slice(before).map(({ method, path }) => `${method} ${path}`)).toEqual(['POST /api/events'])
  expect(client.stats().waiting).toBe(5)
})

it.each([
  ['is missing', undefined],
  [
    'throws',
    () => {
      throw new Error('blocked')
    },
  ],
])('falls back to a fetch with keepalive where sendBeacon %s', async (_how, sendBeacon) => {
  const { client, page, hide } = await openReadyTab({ navigator: { sendBeacon } })
  client.track('A')
  const before = page.sent.length
  hide()
  await turns()
  expect(page.sent.slice(before).map(({ path }) => path)).toEqual(['/api/events'])
})

it('leaves by the option `fetch` where it is given', async () => {
  const server = createFakeServer()
  const kept: RequestInit[] = []
  const { client, page, hide } = await openReadyTab({
    server,
    async fetch(url, init = {}) {
      if (init.keepalive) kept.push(init)
      const path = String(url).replace('https://hello.example', '')
      const body = typeof init.body === 'string' ? JSON.parse(init.body) : undefined
      const answer = server.receive({ method: 'POST', path, headers: {}, credentials: '', body })
      return new Response(JSON.stringify(answer?.body ?? {}), { status: answer?.status ?? 200 })
    },
  })
  client.track('A')
  hide()
  await turns()
  expect(page.beacons).toEqual([])
  expect(kept).toHaveLength(1)
})

it('leaves without a cookie, and keeps what is unconfirmed, where nothing may be stored', async () => {
  const { client, page, server, hide, show } = openTab({ navigator: { globalPrivacyControl: true } })
  await client.ready()
  client.track('A')
  hide()
  await turns()
  expect(page.beacons).toEqual([])
  expect(page.sent.at(-1)).toMatchObject({ path: '/api/events', credentials: 'omit' })
  expect(client.stats().waiting).toBe(1)
  show()
  await expect.poll(() => server.stored.size).toBe(1)
  expect([...page.local.keys()]).toEqual([])
})

it('hands events of two sessions over apart', async () => {
  const { client, page, server, hide } = await openReadyTab()
  server.down = { status: 503 }
  client.track('A')
  await client.reset()
  page.beacons.length = 0
  page.local.set('helloagain_session_id', '0192f1c2-7b3a-7c4d-8e5f-000000000002')
  page.target.dispatchEvent(Object.assign(new Event('storage'), { key: 'helloagain_session_id' }))
  client.track('B')
  client.track('C')
  hide()
  await turns()
  const left = page.beacons.map((text) => JSON.parse(text))
  expect(left.map(({ sessionId }) => sessionId)).toEqual(['0192f1c2-7b3a-7c4d-8e5f-000000000002'])
  expect(typesOf(page.beacons)).toEqual(['B', 'C'])
  expect(SERVER_SESSION).not.toBe(left[0].sessionId)
})
