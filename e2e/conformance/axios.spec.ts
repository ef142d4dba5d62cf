import { expect, FINGERPRINT, SESSION_ID, test } from './support/conformance-test.ts'

const OURS = { 'x-session-id': SESSION_ID, 'x-device-fingerprint': FINGERPRINT }

for (const adapter of ['xhr', 'fetch'] as const) {
  test.describe(`axios over its ${adapter} adapter`, () => {
    test.beforeEach(async ({ bare }) => {
      await bare.evaluate(
        (identity) => {
          Object.assign(conformance.identity, identity)
        },
        { sessionId: SESSION_ID, fingerprint: FINGERPRINT },
      )
    })

    test('an instance sends the session, resolves baseURL and keeps method, body and own headers', async ({
      bare,
    }) => {
      const echoed = await bare.evaluate(async (name) => {
        const api = conformance.axios.create({ adapter: name, baseURL: '/api', headers: { 'X-App': '1' } })
        conformance.interceptAxios(api, { headerPolicy: conformance.createPolicy() })
        return (await api.post('echo', { a: 1 }, { params: { q: 1 } })).data
      }, adapter)
      expect(echoed).toMatchObject({
        method: 'POST',
        path: '/api/echo?q=1',
        body: '{"a":1}',
        headers: { ...OURS, 'x-app': '1', 'content-type': 'application/json' },
      })
    })

    test('an instance whose baseURL is another origin gets nothing, a named one gets it', async ({
      bare,
      addresses,
      origins,
    }) => {
      await bare.evaluate(
        async ({ name, other }) => {
          const api = conformance.axios.create({ adapter: name, baseURL: other })
          const undo = conformance.interceptAxios(api, conformance.createPolicy())
          await api.get('/simple-only')
          undo()
          conformance.interceptAxios(api, conformance.createPolicy({ sessionTargets: [other] }))
          await api.get('/echo')
        },
        { name: adapter, other: addresses.other },
      )
      expect(origins.other.receivedFor('/simple-only')[0]?.headers).not.toHaveProperty('x-session-id')
      expect(origins.other.preflightsFor('/simple-only')).toHaveLength(0)
      expect(origins.other.receivedFor('/echo')[0]?.headers).toMatchObject(OURS)
    })

    test('an absolute address in spite of baseURL is judged by itself', async ({
      bare,
      addresses,
      origins,
    }) => {
      await bare.evaluate(
        async ({ name, other }) => {
          const api = conformance.axios.create({ adapter: name, baseURL: '/api' })
          conformance.interceptAxios(api, conformance.createPolicy())
          await api.get(`${other}/simple-only`)
        },
        { name: adapter, other: addresses.other },
      )
      expect(origins.other.received.map(({ method }) => method)).toEqual(['GET'])
      expect(origins.other.received[0]?.headers).not.toHaveProperty('x-session-id')
    })

    test("the caller's own header wins, also one he switched off", async ({ bare }) => {
      const headers = await bare.evaluate(async (name) => {
        const api = conformance.axios.create({ adapter: name })
        conformance.interceptAxios(api, conformance.createPolicy())
        const own = await api.get('/echo', { headers: { 'x-session-id': 'mine' } })
        const off = await api.get('/echo', { headers: { 'X-Session-ID': false } })
        return [own.data.headers['x-session-id'], off.data.headers['x-session-id'] ?? null]
      }, adapter)
      expect(headers).toEqual(['mine', null])
    })

    test('with fetch and XMLHttpRequest intercepted as well each header is sent once', async ({ bare }) => {
      const headers = await bare.evaluate(async (name) => {
        const policy = conformance.createPolicy()
        conformance.interceptFetch(policy)
        conformance.interceptXhr(policy)
        const api = conformance.axios.create({ adapter: name })
        conformance.interceptAxios(api, policy)
        return [(await api.get('/echo')).data.headers, policy.counters.attached]
      }, adapter)
      expect(headers).toMatchObject([OURS, 1])
    })

    test('without an interceptor of its own, axios rides on the intercepted fetch or XMLHttpRequest', async ({
      bare,
    }) => {
      const headers = await bare.evaluate(async (name) => {
        const policy = conformance.createPolicy()
        conformance.interceptXhr(policy)
        conformance.interceptFetch(policy)
        // The fetch adapter keeps the fetch it finds when axios is loaded, unless it is told another.
        return (await conformance.axios.get('/echo', { adapter: name, env: { fetch: window.fetch } })).data
          .headers
      }, adapter)
      expect(headers).toMatchObject(OURS)
    })

    test('a path of ours that redirects away works when fetch is intercepted as well', async ({
      bare,
      addresses,
      origins,
    }) => {
      const outcomes = await bare.evaluate(
        async ({ name, other }) => {
          const policy = conformance.createPolicy()
          conformance.interceptFetch(policy)
          conformance.interceptXhr(policy)
          const api = conformance.axios.create({ adapter: name, env: { fetch: window.fetch } })
          conformance.interceptAxios(api, policy)
          const path = `/redirect?to=${encodeURIComponent(`${other}/simple-only`)}`
          const tryOnce = () =>
            api.get(path).then(
              ({ status }) => status,
              () => 'failed',
            )
          return [await tryOnce(), await tryOnce(), await tryOnce(), policy.counters.redirectLearned]
        },
        { name: adapter, other: addresses.other },
      )
      // fetch can be sent again at once; an XMLHttpRequest cannot, its next request heals.
      expect(outcomes).toEqual([adapter === 'fetch' ? 200 : 'failed', 200, 200, 1])
      for (const { headers } of origins.other.received) expect(headers).not.toHaveProperty('x-session-id')
    })

    test('the undo ejects it; interceptors of the app stay', async ({ bare }) => {
      const headers = await bare.evaluate(async (name) => {
        const api = conformance.axios.create({ adapter: name })
        api.interceptors.request.use((config) => {
          config.headers.set('X-App', 'stays')
          return config
        })
        const undo = conformance.interceptAxios(api, conformance.createPolicy())
        const before = (await api.get('/echo')).data.headers
        undo()
        undo()
        return [before, (await api.get('/echo')).data.headers]
      }, adapter)
      expect(headers[0]).toMatchObject({ ...OURS, 'x-app': 'stays' })
      expect(headers[1]).toMatchObject({ 'x-app': 'stays' })
      expect(headers[1]).not.toHaveProperty('x-session-id')
    })

    test('errors of the app reach it as axios made them', async ({ bare }) => {
      const errors = await bare.evaluate(async (name) => {
        const api = conformance.axios.create({ adapter: name })
        conformance.interceptAxios(api, conformance.createPolicy())
        const controller = new AbortController()
        const aborted = api.get('/hang', { signal: controller.signal })
        controller.abort()
        const calls = [aborted, api.get('/status?code=503'), api.get('http://')]
        return Promise.all(
          calls.map((call) =>
            call.then(
              () => 'resolved',
              (error) => error.code,
            ),
          ),
        )
      }, adapter)
      expect(errors.slice(0, 2)).toEqual(['ERR_CANCELED', 'ERR_BAD_RESPONSE'])
      expect(errors[2]).not.toBe('resolved')
    })

    test('without a client, the one created last is used, and none is no obstacle', async ({ bare }) => {
      const ids = await bare.evaluate(async (name) => {
        const api = conformance.axios.create({ adapter: name })
        conformance.interceptAxios(api)
        const idOf = async () => (await api.get('/echo')).data.headers['x-session-id'] ?? null
        const none = await idOf()
        const undo = conformance.setCurrentPolicy(conformance.createPolicy())
        const last = await idOf()
        undo()
        return [none, last, await idOf()]
      }, adapter)
      expect(ids).toEqual([null, SESSION_ID, null])
    })
  })
}

test('a fingerprint the server made is taken in where axios says who answered', async ({
  bare,
  addresses,
}) => {
  const taken = await bare.evaluate(async ({ other }) => {
    const policy = conformance.createPolicy()
    for (const adapter of ['xhr', 'fetch'] as const) {
      const api = conformance.axios.create({ adapter })
      conformance.interceptAxios(api, policy)
      await api.get(`/fingerprint?value=own-${adapter}`)
      await api.get(`/redirect?to=${encodeURIComponent(`${other}/fingerprint?value=foreign-${adapter}`)}`)
    }
    return conformance.takenIn
  }, addresses)
  // Through the fetch adapter axios does not say; intercept fetch to read it there.
  expect(taken).toEqual(['own-xhr'])
})
