import { afterEach, expect, it } from 'vitest'
import { closeClients, SERVER_SESSION, sessionAnswer } from '../fake-page.ts'
import { computeBackoffMs } from './backoff.ts'
import { createFakeServer, openReadyTab, openTab } from './fake-queue.ts'

afterEach(closeClients)

it('sends in order and in one batch, a moment after the first event', async () => {
  const { client, server, page, elapse } = await openReadyTab()
  for (const type of ['A', 'B', 'C']) client.track(type)
  expect(page.timers.at(-1)?.delayMs).toBe(1000)
  await elapse(999)
  expect(server.batches).toEqual([])
  await elapse(1)
  expect(server.batches).toEqual([['A', 'B', 'C']])
})

it('sends at once when a batch is full', async () => {
  const { client, server, elapse } = await openReadyTab({ batchSize: 3 })
  for (const type of ['A', 'B', 'C', 'D']) client.track(type)
  await elapse(0)
  expect(server.batches).toEqual([['A', 'B', 'C'], ['D']])
})

it.each([0, 501, Number.NaN, '3'])(
  'takes the default for a batch of %j and a pause of a day',
  async (size) => {
    const { client, server, page } = await openReadyTab({
      batchSize: size as number,
      flushIntervalMs: 86_400_000,
    })
    client.track('FIRST')
    expect(page.timers.at(-1)?.delayMs).toBe(1000)
    for (let n = 0; n < 50; n += 1) client.track('A')
    await client.flush()
    expect(server.batches.map(({ length }) => length)).toEqual([50, 1])
  },
)

it('keeps a batch under 500 KB', async () => {
  const { client, server } = await openReadyTab()
  for (let n = 0; n < 40; n += 1) client.track('A', { text: 'ü'.repeat(15_000) })
  await client.flush()
  expect(server.batches.map(({ length }) => length)).toEqual([16, 16, 8])
})

it('keeps events the server could not take, and waits as long as Retry-After says', async () => {
  const { client, server, elapse, fire } = await openReadyTab()
  server.failures = [{ status: 503, headers: { 'Retry-After': '7' } }]
  client.track('A')
  await elapse(1000)
  client.track('B')
  await elapse(1000)
  // Nothing but time and the page's own flush() ends a pause the server asked for.
  fire('online')
  await elapse(5999)
  expect(server.batches).toEqual([['A']])
  await elapse(1)
  expect(server.batches).toEqual([['A'], ['A', 'B']])
  expect(client.stats()).toEqual({ waiting: 0, delivered: 2, dropped: {} })
})

it('honours a Retry-After also on the next page', async () => {
  const first = await openReadyTab()
  first.server.failures = [{ status: 429, headers: { 'Retry-After': '60' } }]
  first.client.track('A')
  await first.client.flush()
  first.kill()
  const next = await openReadyTab({ browser: first.browser, server: first.server })
  await next.elapse(59_999)
  expect(next.server.batches).toHaveLength(1)
  await next.elapse(1)
  expect(next.server.batches).toHaveLength(2)
  expect(next.client.stats()).toMatchObject({ waiting: 0, delivered: 1 })
})

it('waits longer after each failure, and starts anew after a success', async () => {
  const { client, server, elapse, page } = await openReadyTab()
  const pauses = (): number => page.timers.filter(({ atMs }) => atMs < Infinity).at(-1)?.delayMs ?? 0
  server.down = { status: 500 }
  client.track('A')
  await elapse(1000)
  expect(pauses()).toBe(500)
  await elapse(500)
  expect(pauses()).toBe(1000)
  server.down = undefined
  await elapse(1000)
  expect(client.stats()).toMatchObject({ waiting: 0, delivered: 1 })
  server.down = { status: 500 }
  client.track('B')
  await elapse(1000)
  expect(pauses()).toBe(500)
})

it.each(['online', 'visible'])('tries again at once when the page is %s again', async (sign) => {
  const { client, server, hide, show, fire } = await openReadyTab()
  server.failures = [{ status: 500 }]
  client.track('A')
  await client.flush()
  if (sign === 'online') fire('online')
  else {
    hide()
    show()
  }
  await expect.poll(() => server.stored.size).toBe(1)
})

it('halves a batch that is too large, and gives up a single event that is', async () => {
  const { client, server, drops } = await openReadyTab()
  const tooLarge = { status: 413, body: { error: { code: 'request.too_large' } } }
  server.failures = [tooLarge, tooLarge, tooLarge]
  for (const type of ['A', 'B', 'C', 'D']) client.track(type)
  await client.flush()
  expect(server.batches.slice(0, 3)).toEqual([['A', 'B', 'C', 'D'], ['A', 'B'], ['A']])
  expect(server.batches.slice(3).flat()).toEqual(['B', 'C', 'D'])
  expect(drops).toEqual([{ reason: 'too_large', types: ['A'], detail: 'request.too_large' }])
})

it('gives up what the server refuses, by name', async () => {
  const { client, server, drops } = await openReadyTab()
  server.failures = [
    { status: 403, body: { error: { code: 'request.origin_forbidden' } } },
    { status: 202, body: { rejected: [{ index: 1, code: 'event.type_invalid', message: '' }] } },
  ]
  client.track('A')
  await client.flush()
  client.track('B')
  client.track('C')
  await client.flush()
  expect(drops).toEqual([
    { reason: 'refused', types: ['A'], detail: 'request.origin_forbidden' },
    { reason: 'rejected', types: ['C'], detail: 'event.type_invalid' },
  ])
  expect(client.stats()).toEqual({ waiting: 0, delivered: 1, dropped: { refused: 1, rejected: 1 } })
})

it.each([
  ['a page of HTML', '<title>Sign in to this network</title>'],
  ['another JSON', { success: true }],
  ['nothing', undefined],
])('takes %s with status 200 for no answer: the event waits', async (_what, body) => {
  const { client, server, drops, errors } = await openReadyTab()
  server.failures = [{ status: 200, body }]
  client.track('A')
  await client.flush()
  expect(client.stats()).toMatchObject({ waiting: 1, delivered: 0 })
  await client.flush()
  expect(server.batches).toEqual([['A'], ['A']])
  expect(client.stats()).toEqual({ waiting: 0, delivered: 1, dropped: {} })
  expect([...drops, ...errors]).toEqual([])
})

it('goes on where onDrop throws', async () => {
  const { client, server, errors } = await openReadyTab({
    onDrop() {
      throw new Error('handler')
    },
  })
  server.failures = [{ status: 400 }]
  client.track('A')
  await client.flush()
  client.track('B')
  await client.flush()
  expect(client.stats()).toEqual({ waiting: 0, delivered: 1, dropped: { refused: 1 } })
  expect(errors).toHaveLength(1)
})

it('looks again a minute after a fault of the disk in the middle of a turn, and tells it', async () => {
  const { client, server, browser, elapse, errors } = await openReadyTab()
  server.failures = [{ status: 503 }]
  client.track('A')
  await client.flush()
  browser.indexedDb.isBlocked = true
  await client.flush()
  expect(errors.map(({ code }) => code)).toEqual(['internal'])
  browser.indexedDb.isBlocked = false
  await elapse(59_999)
  expect(server.stored.size).toBe(0)
  await elapse(1)
  expect(server.stored.size).toBe(1)
  expect(client.stats()).toEqual({ waiting: 0, delivered: 1, dropped: {} })
})

it('sends what was tracked before reset() under the session of then', async () => {
  const server = createFakeServer()
  const sessions = [SERVER_SESSION, '0192f1c2-7b3a-7c4d-8e5f-000000000002']
  const receive = server.receive
  server.receive = (sent) =>
    sent.path === '/api/sessions'
      ? {
          status: 200,
          body: sessionAnswer({ session: { sessionId: sessions.shift(), userData: null, metadata: {} } }),
        }
      : receive(sent)
  const { client } = await openReadyTab({ server })
  client.track('A')
  await client.reset()
  client.track('B')
  await client.flush()
  expect(server.batches).toEqual([['A'], ['B']])
  expect([...server.stored.values()]).toEqual([SERVER_SESSION, '0192f1c2-7b3a-7c4d-8e5f-000000000002'])
})

it('asks for somebody else also at the second try, where the first after reset() failed', async () => {
  const server = createFakeServer()
  const { receive } = server
  let isDown = false
  server.receive = (sent) => (isDown && sent.path === '/api/sessions' ? { status: 503 } : receive(sent))
  const { client, page, elapse } = await openReadyTab({ server })
  isDown = true
  await client.reset()
  isDown = false
  await elapse(1000)
  const openings = page.sent.filter(({ path }) => path === '/api/sessions').map(({ body }) => body)
  expect(openings).toMatchObject([{}, { fresh: true }, { fresh: true }])
  expect(openings[0]).not.toMatchObject({ fresh: true })
})

it('sends what was tracked before the session was open under the id the server answered with', async () => {
  const { client, server, page } = openTab({ consent: 'granted' })
  client.track('A')
  expect([...page.local.values()].join()).toContain('"A"')
  await client.flush()
  expect([...server.stored.values()]).toEqual([SERVER_SESSION])
})

it('sends no token and no fingerprint of now with events of an earlier session', async () => {
  const first = await openReadyTab({ tokenOrigins: ['https://hello.example'] })
  first.server.failures = [{ status: 500 }]
  first.client.track('A')
  await first.client.flush()
  await first.client.reset()
  first.client.setAccessToken('secret')
  first.page.local.set('helloagain_session_id', '0192f1c2-7b3a-7c4d-8e5f-000000000002')
  first.page.target.dispatchEvent(Object.assign(new Event('storage'), { key: 'helloagain_session_id' }))
  await first.client.flush()
  const headers = first.page.sent.at(-1)?.headers
  expect(headers).toMatchObject({ 'X-Session-ID': SERVER_SESSION, 'X-Site-Key': 'pk_test' })
  expect(headers).not.toHaveProperty('Authorization')
})

it('doubles the pause up to five minutes, of which it takes a random share', () => {
  expect([1, 2, 3].map((failures) => computeBackoffMs(failures, () => 1))).toEqual([1000, 2000, 4000])
  expect(computeBackoffMs(3, () => 0.25)).toBe(1000)
  expect(computeBackoffMs(3, () => 0)).toBe(1)
  expect(computeBackoffMs(100, () => 1)).toBe(300_000)
})
