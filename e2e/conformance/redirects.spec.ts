import { expect, expectSame, FINGERPRINT, SESSION_ID, test } from './support/conformance-test.ts'

const away = (other: string, path = '/simple-only') => `/redirect?to=${encodeURIComponent(other + path)}`

test.describe('a path of ours that redirects to another origin', () => {
  test('works although the target allows no custom header: sent again without ours, and remembered', async ({
    shop,
    addresses,
    origins,
  }) => {
    const result = await shop.evaluate(async (path) => {
      const policy = (globalThis as unknown as { policy: ReturnType<typeof conformance.createPolicy> }).policy
      const first = await fetch(path)
      const second = await fetch(path, { method: 'HEAD' })
      return [
        first.status,
        new URL(first.url).pathname,
        second.status,
        policy.counters.redirectLearned,
        conformance.warnings,
      ]
    }, away(addresses.other))
    expect(result).toEqual([
      200,
      '/simple-only',
      200,
      1,
      [['redirect_learned', `${addresses.home}/redirect`]],
    ])
    const tries = origins.home.receivedFor('/redirect').map(({ headers }) => headers['x-session-id'])
    expect(tries).toEqual([SESSION_ID, undefined, undefined])
    expect(origins.other.preflightsFor('/simple-only')).toHaveLength(1)
    for (const { headers } of origins.other.received) expect(headers).not.toHaveProperty('x-session-id')
  })

  test('gives the app what it natively gets', async ({ sideBySide, addresses }) => {
    const outcomes = await sideBySide(({ other }) =>
      fetch(`/redirect?to=${encodeURIComponent(`${other}/simple-only`)}`, {
        headers: new Headers({ Accept: 'text/plain' }).entries() as unknown as [string, string][],
      }).then(async (r) => [r.redirected, r.url, (await r.json()).headers.accept]),
    )
    expectSame(outcomes)
    expect(outcomes.native.resolved).toEqual([true, `${addresses.other}/simple-only`, 'text/plain'])
  })

  test('when the target lets our headers in, it is told once, warned of and never again', async ({
    shop,
    addresses,
    origins,
  }) => {
    const warnings = await shop.evaluate(
      async (path) => {
        await fetch(path)
        await fetch(path)
        return conformance.warnings
      },
      away(addresses.other, '/echo'),
    )
    expect(warnings).toEqual([['redirect_learned', `${addresses.home}/redirect`]])
    const told = origins.other.receivedFor('/echo').map(({ headers }) => headers['x-session-id'])
    expect(told).toEqual([SESSION_ID, undefined])
  })

  test('an exclusion spares even the first request', async ({ shop, addresses, origins }) => {
    await shop.evaluate(async (path) => {
      const scope = { fetch: conformance.nativeFetch.bind(window), location, document }
      conformance.interceptFetch(
        conformance.createPolicy({ exclude: ['/redirect'] }),
        scope as unknown as typeof globalThis,
      )
      await (scope.fetch as typeof fetch)(path)
    }, away(addresses.other))
    expect(origins.home.receivedFor('/redirect')).toHaveLength(1)
    expect(origins.other.received.every(({ method }) => method === 'GET')).toBe(true)
  })

  test('a POST is never sent twice', async ({ shop, addresses, origins }) => {
    const outcome = await shop.evaluate(
      (path) => fetch(path, { method: 'POST', body: 'pay' }).catch((error: Error) => error.message),
      away(addresses.other),
    )
    expect(outcome).toBe('Failed to fetch')
    expect(origins.home.receivedFor('/redirect')).toHaveLength(1)
  })

  test("a request that would fail natively too, for the app's own header, is not sent twice", async ({
    shop,
    addresses,
    origins,
  }) => {
    const outcome = await shop.evaluate(
      (path) => fetch(path, { headers: { 'X-App': '1' } }).catch((error: Error) => error.message),
      away(addresses.other),
    )
    expect(outcome).toBe('Failed to fetch')
    expect(origins.home.receivedFor('/redirect')).toHaveLength(1)
  })

  test('redirect: error and mode: same-origin fail as natively, once', async ({ sideBySide, origins }) => {
    for (const call of [
      ({ other }: { other: string }) => fetch(`/redirect?to=${other}/echo`, { redirect: 'error' }),
      ({ other }: { other: string }) => fetch(`/redirect?to=${other}/echo`, { mode: 'same-origin' }),
    ]) {
      expectSame(await sideBySide(call as () => unknown))
    }
    expect(origins.home.receivedFor('/redirect')).toHaveLength(4)
  })

  test('redirect: manual stays opaque', async ({ sideBySide }) => {
    const outcomes = await sideBySide(({ other }) =>
      fetch(`/redirect?to=${other}/echo`, { redirect: 'manual' }).then((r) => [r.type, r.status]),
    )
    expectSame(outcomes)
    expect(outcomes.native.resolved).toEqual(['opaqueredirect', 0])
  })

  test('the bearer token of a named API still goes to it', async ({ shop, addresses, origins }) => {
    await shop.evaluate(async (path) => {
      conformance.identity.accessToken = 'access'
      window.fetch = conformance.nativeFetch
      conformance.interceptFetch(conformance.createPolicy({ tokenOrigins: [location.origin] }))
      await fetch(path)
    }, away(addresses.other))
    const sent = origins.home
      .receivedFor('/redirect')
      .map(({ headers: { authorization, 'x-session-id': id } }) => [id, authorization])
    expect(sent).toEqual([
      [SESSION_ID, 'Bearer access'],
      [undefined, 'Bearer access'],
    ])
    for (const { headers } of origins.other.received) expect(headers).not.toHaveProperty('authorization')
  })
})

test('a redirect on the own origin keeps the headers and teaches nothing', async ({ shop, origins }) => {
  const warnings = await shop.evaluate(async () => {
    await fetch('/redirect?to=/echo')
    return conformance.warnings
  })
  expect(warnings).toEqual([])
  expect(origins.home.receivedFor('/echo')[0]?.headers['x-device-fingerprint']).toBe(FINGERPRINT)
})

test('a dead connection is no redirect: one more try, the native error, and the next request carries the session', async ({
  shop,
  origins,
}) => {
  const result = await shop.evaluate(async () => {
    const failed = await fetch('/cut').catch((error: Error) => `${error.name}: ${error.message}`)
    return [failed, conformance.warnings]
  })
  expect(result).toEqual(['TypeError: Failed to fetch', []])
  const before = origins.home.receivedFor('/cut').length
  await shop.evaluate(() => fetch('/cut').catch(() => {}))
  expect(origins.home.receivedFor('/cut')[before]?.headers['x-session-id']).toBe(SESSION_ID)
})

test('without a network nothing is sent again', async ({ shop, context }) => {
  await context.setOffline(true)
  const calls = await shop.evaluate(async () => {
    let sent = 0
    const native = conformance.nativeFetch
    const scope = {
      fetch: (...args: Parameters<typeof fetch>) => {
        sent++
        return native(...args)
      },
      location,
      document,
    }
    conformance.interceptFetch(conformance.createPolicy(), scope as unknown as typeof globalThis)
    await scope.fetch('/echo').catch(() => {})
    return sent
  })
  expect(calls).toBe(1)
})

test('a listed target that refuses our headers still answers, and is not asked with them again', async ({
  shop,
  addresses,
  origins,
}) => {
  const result = await shop.evaluate(async ({ other }) => {
    conformance.interceptFetch(conformance.createPolicy({ sessionTargets: [other] }))
    const statuses = [
      (await fetch(`${other}/simple-only`)).status,
      (await fetch(`${other}/simple-only`)).status,
    ]
    return [statuses, conformance.warnings.map(([warning]) => warning)]
  }, addresses)
  expect(result).toEqual([
    [200, 200],
    ['would_preflight', 'redirect_learned'],
  ])
  expect(origins.other.preflightsFor('/simple-only')).toHaveLength(1)
})

test('an XMLHttpRequest that failed this way goes bare the next time, which settles the path', async ({
  shop,
  addresses,
  origins,
}) => {
  const outcomes = await shop.evaluate(async (path) => {
    const get = () =>
      new Promise<string>((done) => {
        const xhr = new XMLHttpRequest()
        xhr.open('GET', path)
        xhr.onload = () => done('load')
        xhr.onerror = () => done('error')
        xhr.send()
      })
    return [await get(), await get(), await get(), conformance.warnings]
  }, away(addresses.other))
  expect(outcomes).toEqual(['error', 'load', 'load', [['redirect_learned', `${addresses.home}/redirect`]]])
  expect(origins.home.receivedFor('/redirect').map(({ headers }) => headers['x-session-id'])).toEqual([
    SESSION_ID,
    undefined,
    undefined,
  ])
})

test('an XMLHttpRequest that failed for the network alone carries the session again after one bare request', async ({
  shop,
  origins,
}) => {
  await shop.evaluate(async (sessionId) => {
    const get = (path: string) =>
      new Promise<void>((done) => {
        const xhr = new XMLHttpRequest()
        xhr.open('GET', path)
        xhr.onloadend = () => done()
        xhr.send()
      })
    await get('/cut')
    await get('/cut')
    await get('/cut')
    return sessionId
  }, SESSION_ID)
  const ids = origins.home.receivedFor('/cut').map(({ headers }) => headers['x-session-id'] ?? null)
  // Chromium itself repeats a request whose reused connection died, with the same headers.
  const changes = ids.filter((id, at) => id !== ids[at - 1])
  expect(changes).toEqual([SESSION_ID, null, SESSION_ID])
})
