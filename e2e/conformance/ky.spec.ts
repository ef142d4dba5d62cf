import { expect, FINGERPRINT, SESSION_ID, test } from './support/conformance-test.ts'

const OURS = { 'x-session-id': SESSION_ID, 'x-device-fingerprint': FINGERPRINT }

test.beforeEach(async ({ bare }) => {
  await bare.evaluate(
    (identity) => {
      Object.assign(conformance.identity, identity)
    },
    { sessionId: SESSION_ID, fingerprint: FINGERPRINT },
  )
})

test('an instance with a prefix sends the session with method, body, search and own headers', async ({
  bare,
}) => {
  const echoed = await bare.evaluate(async () => {
    const hooks = conformance.kyHooks({ headerPolicy: conformance.createPolicy() })
    const api = conformance.ky.create({ prefix: '/api', hooks, headers: { 'X-App': '1' } })
    return api.post('echo', { json: { a: 1 }, searchParams: { q: '1' } }).json()
  })
  expect(echoed).toMatchObject({
    method: 'POST',
    path: '/api/echo?q=1',
    body: '{"a":1}',
    headers: { ...OURS, 'x-app': '1', 'content-type': 'application/json' },
  })
})

test('another origin gets nothing, without a preflight; a named one gets it', async ({
  bare,
  addresses,
  origins,
}) => {
  await bare.evaluate(async ({ other }) => {
    await conformance.ky
      .create({ hooks: conformance.kyHooks(conformance.createPolicy()) })
      .get(`${other}/simple-only`)
    const hooks = conformance.kyHooks(conformance.createPolicy({ sessionTargets: [other] }))
    await conformance.ky.create({ hooks }).get(`${other}/echo`)
  }, addresses)
  expect(origins.other.receivedFor('/simple-only')[0]?.headers).not.toHaveProperty('x-session-id')
  expect(origins.other.preflightsFor('/simple-only')).toHaveLength(0)
  expect(origins.other.receivedFor('/echo')[0]?.headers).toMatchObject(OURS)
})

test("the caller's own header wins", async ({ bare }) => {
  const { headers } = await bare.evaluate(() => {
    const api = conformance.ky.create({ hooks: conformance.kyHooks(conformance.createPolicy()) })
    return api
      .get('/echo', { headers: { 'x-session-id': 'mine' } })
      .json<{ headers: Record<string, string> }>()
  })
  expect(headers).toMatchObject({ 'x-session-id': 'mine', 'x-device-fingerprint': FINGERPRINT })
})

test('with fetch intercepted as well each header is sent once', async ({ bare }) => {
  const result = await bare.evaluate(async () => {
    const policy = conformance.createPolicy()
    conformance.interceptFetch(policy)
    const api = conformance.ky.create({ hooks: conformance.kyHooks(policy) })
    const posted = await api
      .post('/echo', { body: 'once' })
      .json<{ headers: Record<string, string>; body: string }>()
    return [posted.body, posted.headers, policy.counters.attached]
  })
  expect(result).toMatchObject(['once', OURS, 1])
})

test('a retry carries the headers too, once each', async ({ bare, origins }) => {
  await bare.evaluate(async () => {
    const policy = conformance.createPolicy()
    conformance.interceptFetch(policy)
    const api = conformance.ky.create({
      hooks: conformance.kyHooks(policy),
      retry: { limit: 1, delay: () => 1 },
    })
    await api.put('/status?code=503', { body: 'again' }).catch(() => {})
  })
  const tries = origins.home.receivedFor('/status')
  expect(tries.map(({ body }) => body)).toEqual(['again', 'again'])
  for (const { headers } of tries) expect(headers).toMatchObject(OURS)
})

test('a path of ours that redirects away works when fetch is intercepted as well', async ({
  bare,
  addresses,
  origins,
}) => {
  const statuses = await bare.evaluate(async ({ other }) => {
    const policy = conformance.createPolicy()
    conformance.interceptFetch(policy)
    const api = conformance.ky.create({ hooks: conformance.kyHooks(policy), retry: 0 })
    const path = `/redirect?to=${encodeURIComponent(`${other}/simple-only`)}`
    return [(await api.get(path)).status, (await api.get(path)).status, policy.counters.redirectLearned]
  }, addresses)
  expect(statuses).toEqual([200, 200, 1])
  for (const { headers } of origins.other.received) expect(headers).not.toHaveProperty('x-session-id')
})

test('a fingerprint the server made is taken in, from covered origins only, and the body stays unread', async ({
  bare,
  addresses,
}) => {
  const result = await bare.evaluate(async ({ other }) => {
    const api = conformance.ky.create({ hooks: conformance.kyHooks(conformance.createPolicy()) })
    const response = await api.get('/fingerprint?value=made')
    await api.get(`${other}/fingerprint?value=foreign`)
    return [conformance.takenIn, response.bodyUsed]
  }, addresses)
  expect(result).toEqual([['made'], false])
})

test('an id that is no header value does not fail the request, and no client is no obstacle', async ({
  bare,
}) => {
  const ids = await bare.evaluate(async () => {
    conformance.identity.sessionId = 'line\nbreak'
    const idOf = async (hooks: ReturnType<typeof conformance.kyHooks>) =>
      (await conformance.ky.create({ hooks }).get('/echo').json<{ headers: Record<string, string> }>())
        .headers['x-session-id'] ?? null
    return [await idOf(conformance.kyHooks(conformance.createPolicy())), await idOf(conformance.kyHooks())]
  })
  expect(ids).toEqual([null, null])
})

test('the hooks also speak the positional form of ky 1', async ({ bare }) => {
  const result = await bare.evaluate(async () => {
    const { beforeRequest, afterResponse } = conformance.kyHooks(conformance.createPolicy())
    const request = new Request('/fingerprint?value=made')
    beforeRequest[0](request)
    afterResponse[0](request, {}, await fetch(request.clone()))
    return [request.headers.get('X-Session-ID'), conformance.takenIn]
  })
  expect(result).toEqual([SESSION_ID, ['made']])
})
