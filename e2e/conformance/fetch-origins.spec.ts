import { expect, expectSame, FINGERPRINT, SESSION_ID, test } from './support/conformance-test.ts'

test.describe('by default only the very same origin is told', () => {
  test('W1 another port of the same host gets the request untouched: no header, no preflight', async ({
    sideBySide,
    origins,
  }) => {
    for (const call of [
      ({ other }: { other: string }) => fetch(`${other}/simple-only`).then((r) => r.json()),
      ({ other }: { other: string }) =>
        fetch(`${other.replace('http:', '')}/simple-only`).then((r) => r.json()),
      ({ other }: { other: string }) => fetch(new Request(`${other}/simple-only`)).then((r) => r.json()),
      ({ other }: { other: string }) => fetch(new URL('/simple-only', other)).then((r) => r.json()),
    ]) {
      expectSame(await sideBySide(call as () => unknown))
    }
    expect(origins.other.received).toHaveLength(8)
    for (const { headers, method } of origins.other.received) {
      expect(method).toBe('GET')
      expect(headers).not.toHaveProperty('x-session-id')
      expect(headers).not.toHaveProperty('x-device-fingerprint')
    }
  })

  test('the same server under another host name is another origin', async ({ shop, origins }) => {
    await shop.evaluate(
      (port) => fetch(`http://localhost:${port}/echo`, { method: 'POST', body: 'x' }).catch(() => {}),
      origins.home.port,
    )
    for (const { headers } of origins.home.receivedFor('/echo'))
      expect(headers).not.toHaveProperty('x-session-id')
  })

  test('an uncovered call gets the very arguments and the very promise of the function below', async ({
    shop,
    addresses,
  }) => {
    const untouched = await shop.evaluate(({ other }) => {
      const calls: unknown[][] = []
      const promise = new Promise<Response>(() => {})
      const scope = {
        fetch: (...args: unknown[]) => {
          calls.push(args)
          return promise
        },
        location,
        document,
      }
      conformance.interceptFetch(conformance.createPolicy(), scope as unknown as typeof globalThis)
      const call = scope.fetch as unknown as typeof fetch
      const request = new Request(`${other}/echo`, { method: 'POST', body: 'x' })
      const init = { method: 'PUT' }
      const returned = [
        call(request, init),
        call(`${other}/echo`),
        (call as () => unknown)(),
        call('http://'),
      ]
      return [
        calls[0]?.[0] === request && calls[0]?.[1] === init,
        calls.map((args) => args.length),
        returned.every((one) => one === promise),
        request.bodyUsed,
      ]
    }, addresses)
    expect(untouched).toEqual([true, [2, 1, 0, 1], true, false])
  })

  test('data, blob and about addresses are left alone', async ({ sideBySide }) => {
    expectSame(
      await sideBySide(async () => [
        await fetch('data:text/plain,hello').then((r) => r.text()),
        await fetch(URL.createObjectURL(new Blob(['blob']))).then((r) => r.text()),
        await fetch('about:blank').catch((error: Error) => error.name),
      ]),
    )
  })

  test('a no-cors request stays what it was', async ({ sideBySide, origins }) => {
    expectSame(await sideBySide(() => fetch('/echo', { mode: 'no-cors' }).then((r) => r.json())))
    expectSame(await sideBySide(() => fetch(new Request('/echo', { mode: 'no-cors' })).then((r) => r.json())))
    for (const { headers } of origins.home.receivedFor('/echo'))
      expect(headers).not.toHaveProperty('x-session-id')
  })

  test('a navigation a service worker hands on is left alone', async ({ shop }) => {
    const seen = await shop.evaluate(async () => {
      const calls: unknown[][] = []
      const scope = { fetch: async (...args: unknown[]) => void calls.push(args), location, document }
      conformance.interceptFetch(conformance.createPolicy(), scope as unknown as typeof globalThis)
      // The page cannot make such a Request; its mode is all that counts.
      const navigation = new Proxy(new Request('/echo'), {
        get: (request, name) => (name === 'mode' ? 'navigate' : Reflect.get(request, name, request)),
      })
      await (scope.fetch as unknown as typeof fetch)(navigation)
      return [calls[0]?.length, calls[0]?.[0] === navigation]
    })
    expect(seen).toEqual([1, true])
  })
})

test.describe('named targets', () => {
  test('are matched by exact origin, path prefix, expression or function; the rest gets nothing', async ({
    shop,
    addresses,
    origins,
  }) => {
    const covered = await shop.evaluate(({ home, other }) => {
      const covers = (rule: unknown, url: string) =>
        conformance.createPolicy({ sessionTargets: [rule as string] }).headersFor(url) !== undefined
      return {
        origin: [
          covers(other, `${other}/any`),
          covers(other, `${home}/any`),
          covers(`${other}/`, `${other}/any`),
        ],
        path: [
          covers({ origin: other, path: '/api' }, `${other}/api`),
          covers(`${other}/api`, `${other}/api/echo`),
          covers(`${other}/api`, `${other}/apiary`),
          covers(`${other}/api`, `${other}/api/../echo`),
          covers('/api', '/api/echo'),
          covers('/api', `${other}/api/echo`),
        ],
        expression: [
          covers(/\/api\//g, `${other}/api/echo`),
          covers(new RegExp(`^${home}/`), '/relative'),
          covers(/nothing/, '/relative'),
        ],
        function: [
          covers((url: URL) => url.port !== '', '/x'),
          covers(() => {
            throw new Error('mine')
          }, '/x'),
        ],
        hostOnly: [covers('127.0.0.1', '/x'), covers('localhost', '/x')],
      }
    }, addresses)
    expect(covered).toEqual({
      origin: [true, false, true],
      path: [true, true, false, false, true, false],
      expression: [true, true, false],
      function: [true, false],
      hostOnly: [false, false],
    })
    expect(await shop.evaluate(() => conformance.warnings)).toContainEqual(['rule_ignored', '127.0.0.1'])
    expect(origins.other.received).toEqual([])
  })

  test('a listed other origin gets the session after one preflight, and the price is counted and told once', async ({
    shop,
    addresses,
    origins,
  }) => {
    const result = await shop.evaluate(async ({ other }) => {
      const policy = conformance.createPolicy({ sessionTargets: [other] })
      conformance.interceptFetch(policy)
      await fetch(`${other}/echo`)
      await fetch(`${other}/api/echo`)
      await fetch('https://127.0.0.1:1/').catch(() => {})
      return [policy.counters, conformance.warnings]
    }, addresses)
    expect(result).toEqual([
      { attached: 2, skipped: 1, wouldPreflight: 2, redirectLearned: 0 },
      [['would_preflight', addresses.other]],
    ])
    expect(origins.other.receivedFor('/echo')[0]?.headers).toMatchObject({
      'x-session-id': SESSION_ID,
      'x-device-fingerprint': FINGERPRINT,
    })
    expect(origins.other.preflightsFor('/echo')).toHaveLength(1)
  })

  test('an exclusion outranks them', async ({ shop, origins }) => {
    await shop.evaluate(async () => {
      const scope = Object.assign(Object.create(null), {
        fetch: conformance.nativeFetch.bind(window),
        location,
        document,
      })
      conformance.interceptFetch(conformance.createPolicy({ exclude: ['/api'] }), scope)
      await scope.fetch('/api/echo')
      await scope.fetch('/echo')
    })
    expect(origins.home.receivedFor('/api/echo')[0]?.headers).not.toHaveProperty('x-session-id')
    expect(origins.home.receivedFor('/echo')[0]?.headers).toHaveProperty('x-session-id', SESSION_ID)
  })
})

test('a worker and a frame are covered when their global is handed in, and only then', async ({ shop }) => {
  const ids = await shop.evaluate(async (sessionId) => {
    const frame = document.body.appendChild(document.createElement('iframe'))
    const inner = frame.contentWindow as unknown as typeof globalThis
    const idOf = async (scope: typeof globalThis) =>
      (await scope.fetch('/echo').then((r) => r.json())).headers['x-session-id'] ?? null
    const before = await idOf(inner)
    const undo = conformance.interceptFetch(conformance.createPolicy(), inner)
    const within = await idOf(inner)
    undo()
    const after = await idOf(inner)
    const script = `
      importScripts('${location.origin}/worker.js')
      const undo = conformance.interceptFetch(conformance.createPolicy({ sessionId: () => '${sessionId}' }), self)
      const idOf = () => fetch('/echo').then((r) => r.json()).then(({ headers }) => headers['x-session-id'] ?? null)
      const wasOwn = Object.hasOwn(self, 'fetch')
      idOf().then(async (id) => {
        undo()
        postMessage([id, await idOf(), self.fetch === conformance.nativeFetch])
      }, (error) => postMessage(String(error)))`
    const address = URL.createObjectURL(new Blob([script.replaceAll("'/echo'", `'${location.origin}/echo'`)]))
    const fromWorker = await new Promise((done) => {
      new Worker(address).addEventListener('message', ({ data }) => done(data), { once: true })
    })
    return { frame: [before, within, after], worker: fromWorker }
  }, SESSION_ID)
  expect(ids).toEqual({ frame: [null, SESSION_ID, null], worker: [SESSION_ID, null, true] })
})
