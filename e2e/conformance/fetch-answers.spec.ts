import { expect, expectSame, FINGERPRINT, SESSION_ID, test } from './support/conformance-test.ts'

test.describe('the answer belongs to the app', () => {
  test('the Response is the one the browser made: unread, unlocked, readable once', async ({
    sideBySide,
  }) => {
    const outcomes = await sideBySide(async () => {
      const response = await fetch('/echo')
      const before = [
        response.bodyUsed,
        response.body?.locked,
        response.type,
        response.redirected,
        response instanceof Response,
      ]
      const { path } = await response.json()
      const again = await response.text().catch((error: Error) => error.message)
      return [before, path, again, Object.keys(response)]
    })
    expectSame(outcomes)
    expect(outcomes.native.resolved).toEqual([
      [false, false, 'basic', false, true],
      '/echo',
      expect.stringContaining('already read'),
      [],
    ])
  })

  test('the app gets the very Response object of the function below', async ({ shop }) => {
    const isSame = await shop.evaluate(async () => {
      const made = new Response('made')
      const scope = { fetch: async () => made, location, document }
      conformance.interceptFetch(conformance.createPolicy(), scope as unknown as typeof globalThis)
      return (await (scope.fetch as typeof fetch)('/echo')) === made
    })
    expect(isSame).toBe(true)
  })

  test('a body streams to the app while the server still writes it', async ({ sideBySide }) => {
    const outcomes = await sideBySide(async () => {
      const response = await fetch('/stream')
      const reader = (response.body as ReadableStream<Uint8Array<ArrayBuffer>>)
        .pipeThrough(new TextDecoderStream())
        .getReader()
      const first = (await reader.read()).value
      await fetch('/stream-more')
      return [first, (await reader.read()).value, (await reader.read()).done]
    })
    expectSame(outcomes)
    expect(outcomes.native.resolved).toEqual(['first;', 'second', true])
  })

  test('a body can be cancelled, and nobody else holds it', async ({ sideBySide }) => {
    expectSame(
      await sideBySide(async () => {
        const response = await fetch('/stream')
        await response.body?.cancel('enough')
        await fetch('/stream-more')
        return response.bodyUsed
      }),
    )
  })

  test('error statuses resolve as ever', async ({ sideBySide }) => {
    expectSame(await sideBySide(() => fetch('/status?code=503').then((r) => [r.status, r.ok])))
  })

  test('a failure nobody catches is reported as unhandled exactly once, one that is caught never', async ({
    sideBySide,
  }) => {
    const outcomes = await sideBySide(async () => {
      const reported: string[] = []
      addEventListener('unhandledrejection', (event) => {
        event.preventDefault()
        reported.push(String(event.reason))
      })
      await fetch('/cut', { method: 'POST' }).catch(() => {})
      await fetch('/cut').catch(() => {})
      const isReported = new Promise((done) => addEventListener('unhandledrejection', done, { once: true }))
      void fetch('/cut', { method: 'POST' })
      await isReported
      await fetch('/echo')
      return reported
    })
    expectSame(outcomes)
    expect(outcomes.native.resolved).toEqual(['TypeError: Failed to fetch'])
  })
})

test.describe('aborting', () => {
  test('by the signal of an init, with its reason', async ({ sideBySide }) => {
    const outcomes = await sideBySide(() => {
      const controller = new AbortController()
      const answer = fetch('/hang', { signal: controller.signal })
      controller.abort(new RangeError('my reason'))
      return answer
    })
    expectSame(outcomes)
    expect(outcomes.native.rejected).toBe('RangeError: my reason')
  })

  test('by the signal of a Request, before and after the call', async ({ sideBySide, origins }) => {
    for (const call of [
      () => {
        const controller = new AbortController()
        const answer = fetch(new Request('/hang', { signal: controller.signal }))
        controller.abort()
        return answer
      },
      () => fetch(new Request('/hang?never', { signal: AbortSignal.abort() })),
      () => fetch('/hang', { signal: AbortSignal.timeout(20) }),
    ]) {
      const outcomes = await sideBySide(call)
      expectSame(outcomes)
      expect(outcomes.native.rejected).toMatch(/^(AbortError|TimeoutError)/)
    }
    expect(origins.home.receivedFor('/hang').filter(({ path }) => path.includes('never'))).toEqual([])
  })

  test('while the body streams', async ({ sideBySide }) => {
    const outcomes = await sideBySide(async () => {
      const controller = new AbortController()
      const response = await fetch('/stream', { signal: controller.signal })
      controller.abort()
      await fetch('/stream-more')
      return response.text()
    })
    expectSame(outcomes)
    expect(outcomes.native.rejected).toMatch(/^AbortError/)
  })

  test('a request the app gave up is not sent again', async ({ shop, origins }) => {
    await shop.evaluate(async () => {
      const controller = new AbortController()
      const answer = fetch('/hang?once', { signal: controller.signal })
      controller.abort(new TypeError('Failed to fetch'))
      await answer.catch(() => {})
      await fetch('/echo')
    })
    expect(origins.home.receivedFor('/hang').length).toBeLessThanOrEqual(1)
  })
})

test.describe('what is taken in from answers', () => {
  test('a fingerprint the server made, from the own origin', async ({ shop }) => {
    const taken = await shop.evaluate(async () => {
      delete conformance.identity.fingerprint
      const response = await fetch('/fingerprint?value=made-1')
      return [conformance.takenIn, response.bodyUsed]
    })
    expect(taken).toEqual([['made-1'], false])
  })

  test('also before there is a session id, when nothing is sent', async ({ shop, origins }) => {
    const taken = await shop.evaluate(async () => {
      Object.assign(conformance.identity, { sessionId: undefined, fingerprint: undefined })
      await fetch('/fingerprint?value=made-2', { method: 'POST' })
      return conformance.takenIn
    })
    expect(taken).toEqual(['made-2'])
    expect(origins.home.receivedFor('/fingerprint')[0]?.headers).not.toHaveProperty('x-session-id')
  })

  test('none from another origin, neither directly nor behind a redirect', async ({ shop, addresses }) => {
    const taken = await shop.evaluate(async ({ other }) => {
      Object.assign(conformance.identity, { sessionId: undefined, fingerprint: undefined })
      await fetch(`${other}/fingerprint?value=foreign`)
      const redirected = await fetch(
        `/redirect?to=${encodeURIComponent(`${other}/fingerprint?value=foreign`)}`,
      )
      // The value was there to be read.
      return [conformance.takenIn, redirected.headers.get('X-Device-Fingerprint')]
    }, addresses)
    expect(taken).toEqual([[], 'foreign'])
  })

  test('none that is long or not printable', async ({ shop }) => {
    const taken = await shop.evaluate(async () => {
      await fetch(`/fingerprint?value=${'x'.repeat(257)}`)
      await fetch('/fingerprint?value=with%20space')
      return conformance.takenIn
    })
    expect(taken).toEqual([])
  })
})

test('requests through a service worker keep our headers, and its own answers reach the app', async ({
  shop,
}) => {
  const echoed = await shop.evaluate(async () => {
    await navigator.serviceWorker.register('/service-worker.js')
    await navigator.serviceWorker.ready
    if (!navigator.serviceWorker.controller) {
      await new Promise((done) =>
        navigator.serviceWorker.addEventListener('controllerchange', done, { once: true }),
      )
    }
    const post = await fetch('/echo', { method: 'POST', body: 'through' }).then((r) => r.json())
    const get = await fetch(new Request('/echo')).then((r) => r.json())
    return [post, get]
  })
  const ours = { 'x-session-id': SESSION_ID, 'x-device-fingerprint': FINGERPRINT }
  expect(echoed).toMatchObject([{ body: 'through', headers: ours }, { headers: ours }])
})
