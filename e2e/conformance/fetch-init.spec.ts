import {
  expect,
  expectSame,
  expectSameWithSession,
  FINGERPRINT,
  SESSION_ID,
  test,
} from './support/conformance-test.ts'

test.describe('every kind of init', () => {
  test('a frozen init is sent', async ({ sideBySide }) => {
    expectSameWithSession(
      await sideBySide(() => {
        const init = Object.freeze({ method: 'POST', body: 'x', headers: Object.freeze({ 'X-App': '1' }) })
        return fetch('/echo', init).then((r) => r.json())
      }),
    )
  })

  test('an init the caller uses again stays as he made it', async ({ sideBySide }) => {
    const outcomes = await sideBySide(async () => {
      const headers = { 'X-App': '1' }
      const init = { method: 'POST', body: 'x', headers }
      await fetch('/echo', init)
      return { isSame: init.headers === headers, headers, keys: Object.keys(init) }
    })
    expectSame(outcomes)
    expect(outcomes.intercepted.resolved).toEqual({
      isSame: true,
      headers: { 'X-App': '1' },
      keys: ['method', 'body', 'headers'],
    })
  })

  test('an init whose members are getters of its class keeps method, headers and body', async ({
    sideBySide,
  }) => {
    const outcomes = await sideBySide(() => {
      class Init {
        get method() {
          return 'POST'
        }
        get body() {
          return 'from a getter'
        }
        get headers() {
          return { 'X-App': '1' }
        }
      }
      return fetch('/echo', new Init()).then((r) => r.json())
    })
    expectSameWithSession(outcomes)
    expect(outcomes.intercepted.resolved).toMatchObject({ method: 'POST', body: 'from a getter' })
  })

  test('an init that inherits its members, and one without a prototype, keep them', async ({
    sideBySide,
  }) => {
    expectSameWithSession(
      await sideBySide(() =>
        fetch('/echo', Object.create({ method: 'PATCH', body: 'b' })).then((r) => r.json()),
      ),
    )
    expectSameWithSession(
      await sideBySide(() =>
        fetch('/echo', Object.assign(Object.create(null), { method: 'PUT' })).then((r) => r.json()),
      ),
    )
  })

  for (const [kind, make] of [
    ['a Map', () => new Map([['X-App', '1']])],
    ['tuples', () => [['X-App', '1']]],
    ['a Headers object', () => new Headers({ 'X-App': '1' })],
    ['Headers entries, an iterator that can be read once', () => new Headers({ 'X-App': '1' }).entries()],
    ['a plain object', () => ({ 'X-App': '1' })],
  ] as const) {
    test(`headers given as ${kind} are sent`, async ({ sideBySide }) => {
      const outcomes = await sideBySide(
        // The function is made from text, because it runs in the page.
        new Function(
          `return () => fetch('/echo', { headers: (${make})() }).then((r) => r.json())`,
        )() as () => unknown,
      )
      expectSameWithSession(outcomes)
      expect(outcomes.intercepted.resolved).toMatchObject({ headers: { 'x-app': '1' } })
    })
  }

  test('headers and tuples of the caller are not changed', async ({ sideBySide }) => {
    const outcomes = await sideBySide(async () => {
      const headers = new Headers({ 'X-App': '1' })
      const tuples: [string, string][] = [['X-App', '1']]
      await fetch('/echo', { headers })
      await fetch('/echo', { headers: tuples })
      return [[...headers], tuples]
    })
    expectSame(outcomes)
    expect(outcomes.intercepted.resolved).toEqual([[['x-app', '1']], [['X-App', '1']]])
  })

  test("the caller's Request is not changed", async ({ sideBySide }) => {
    const outcomes = await sideBySide(async () => {
      const request = new Request('/echo', { headers: { 'X-App': '1' } })
      await fetch(request)
      return [[...request.headers], request.bodyUsed]
    })
    expectSame(outcomes)
    expect(outcomes.intercepted.resolved).toEqual([[['x-app', '1']], false])
  })

  test('null, undefined and empty inits are no obstacle', async ({ sideBySide }) => {
    for (const call of [
      () => fetch('/echo', null as unknown as RequestInit).then((r) => r.json()),
      () => fetch('/echo', undefined).then((r) => r.json()),
      () => fetch('/echo', {}).then((r) => r.json()),
    ]) {
      expectSameWithSession(await sideBySide(call))
    }
  })

  test('inits, headers, methods and addresses the browser refuses are refused in its own words', async ({
    sideBySide,
  }) => {
    for (const call of [
      () => fetch('/echo', 'text' as unknown as RequestInit),
      () => fetch('/echo', { headers: null as unknown as HeadersInit }),
      () => fetch('/echo', { headers: { 'not a name': '1' } }),
      () => fetch('/echo', { headers: [['one']] as unknown as HeadersInit }),
      () => fetch('/echo', { method: 'TRACE' }),
      () => fetch('/echo', { method: 'GET', body: 'x' }),
      () => fetch('/echo', { mode: 'navigate' }),
      () => fetch('http://'),
      () =>
        fetch('/echo', {
          get method(): string {
            throw new RangeError('mine')
          },
        }),
      () => fetch(Symbol('x') as unknown as string),
      () => fetch('https://user:password@127.0.0.1/echo'),
      () => fetch.call({} as unknown as Window, '/echo'),
      () => (fetch as unknown as () => Promise<unknown>)(),
    ]) {
      const outcomes = await sideBySide(call)
      expectSame(outcomes)
      expect(outcomes.intercepted.rejected, String(call)).toBeDefined()
    }
  })
})

test.describe('what the caller has set, he keeps', () => {
  test('a header of the same name wins, and nothing is appended to it', async ({ shop }) => {
    const headers = await shop.evaluate(async () => {
      const init = { headers: { 'x-session-id': 'mine' } }
      const viaInit = await fetch('/echo', init).then((r) => r.json())
      const viaRequest = await fetch(new Request('/echo', init)).then((r) => r.json())
      return [
        viaInit.headers['x-session-id'],
        viaRequest.headers['x-session-id'],
        viaInit.headers['x-device-fingerprint'],
      ]
    })
    expect(headers).toEqual(['mine', 'mine', FINGERPRINT])
  })

  test('credentials, cache, keepalive, priority, referrer and its policy reach the browser unchanged', async ({
    sideBySide,
  }) => {
    for (const call of [
      () =>
        fetch('/echo', { referrer: '/elsewhere', credentials: 'omit', cache: 'no-store' }).then((r) =>
          r.json(),
        ),
      () => fetch('/echo', { referrerPolicy: 'no-referrer', keepalive: true }).then((r) => r.json()),
      () => fetch(new Request('/echo', { referrer: '/elsewhere', cache: 'reload' })).then((r) => r.json()),
      () =>
        fetch(new Request('/echo', { referrerPolicy: 'no-referrer', priority: 'low' })).then((r) => r.json()),
      () =>
        fetch(new Request('/echo', { referrerPolicy: 'origin' }), { priority: 'high' }).then((r) => r.json()),
    ]) {
      expectSameWithSession(await sideBySide(call))
    }
  })

  test('integrity that does not fit is still refused, once', async ({ sideBySide, origins }) => {
    const outcomes = await sideBySide(() => fetch('/echo', { integrity: `sha256-${'A'.repeat(43)}=` }))
    expectSame(outcomes)
    expect(outcomes.native.rejected).toMatch(/^TypeError/)
    expect(origins.home.receivedFor('/echo')).toHaveLength(2)
  })

  test('the session id is read at the call, not at the install', async ({ shop }) => {
    const ids = await shop.evaluate(async () => {
      const idOf = async () => (await fetch('/echo').then((r) => r.json())).headers['x-session-id']
      const first = await idOf()
      conformance.identity.sessionId = 'rotated'
      return [first, await idOf()]
    })
    expect(ids).toEqual([SESSION_ID, 'rotated'])
  })

  test('ids that are no header values, and readers that throw, leave the request as it was', async ({
    shop,
  }) => {
    const headers = await shop.evaluate(async () => {
      conformance.identity.sessionId = 'line\nbreak'
      const broken = await fetch('/echo').then((r) => r.json())
      Object.defineProperty(conformance.identity, 'sessionId', {
        get: () => {
          throw new Error('storage is gone')
        },
      })
      return [broken, await fetch('/echo').then((r) => r.json())].map(
        (one) => one.headers['x-session-id'] ?? null,
      )
    })
    expect(headers).toEqual([null, null])
  })
})
