import { expect, SESSION_ID, test } from './support/conformance-test.ts'

test.describe('the wrapper looks like the function it wraps', () => {
  test('name, length, toString, attributes and being no constructor', async ({ shop }) => {
    const [wrapped, native] = await shop.evaluate(() => {
      const appearanceOf = (one: unknown) => ({
        text: String(one),
        name: (one as typeof fetch).name,
        length: (one as typeof fetch).length,
        keys: Object.keys(one as object),
        hasPrototype: 'prototype' in (one as object),
        isConstructor: (() => {
          try {
            return !!Reflect.construct(Object, [], one as new () => unknown)
          } catch {
            return false
          }
        })(),
      })
      return [appearanceOf(fetch), appearanceOf(conformance.nativeFetch)]
    })
    expect(wrapped).toEqual(native)
    expect(wrapped?.text).toContain('[native code]')
  })

  test('the property keeps its attributes, also after the undo', async ({ shop }) => {
    const attributes = await shop.evaluate(() => {
      const { value, ...rest } = Object.getOwnPropertyDescriptor(window, 'fetch') ?? {}
      return [rest, value === fetch]
    })
    expect(attributes).toEqual([{ configurable: true, enumerable: true, writable: true }, true])
  })

  test('it can be called detached, bound and with the window as this', async ({ shop }) => {
    const ids = await shop.evaluate(async () => {
      const detached = fetch
      const bound = fetch.bind(window)
      const calls = [
        detached('/echo'),
        bound('/echo'),
        window.fetch('/echo'),
        fetch.call(undefined as never, '/echo'),
      ]
      return Promise.all(calls.map(async (call) => (await (await call).json()).headers['x-session-id']))
    })
    expect(ids).toEqual(Array(4).fill(SESSION_ID))
  })

  test("the SDK's own sender finds the native function below, and it is not intercepted", async ({
    shop,
  }) => {
    const result = await shop.evaluate(async () => {
      const marker = (fetch as unknown as Record<symbol, unknown>)[Symbol.for('helloagain.original')]
      conformance.interceptFetch(conformance.createPolicy())
      const native = conformance.unwrapped(fetch)
      const { headers } = await native('/echo').then((r) => r.json())
      return [
        marker === conformance.nativeFetch,
        native === conformance.nativeFetch,
        headers['x-session-id'] ?? null,
      ]
    })
    expect(result).toEqual([true, true, null])
  })
})

test.describe('installing and undoing', () => {
  test('twice with the same policy is one layer; the last undo restores the native function; an undo may be called again', async ({
    shop,
    origins,
  }) => {
    const steps = await shop.evaluate(async () => {
      window.fetch = conformance.nativeFetch
      const policy = conformance.createPolicy()
      const first = conformance.interceptFetch(policy)
      const once = fetch
      const second = conformance.interceptFetch(policy)
      const isOneLayer = fetch === once
      await fetch('/echo')
      first()
      first()
      const isStillOn = fetch === once
      second()
      const isNative = fetch === conformance.nativeFetch
      second()
      return [isOneLayer, isStillOn, isNative, fetch === conformance.nativeFetch]
    })
    expect(steps).toEqual([true, true, true, true])
    expect(origins.home.receivedFor('/echo')[0]?.headers['x-session-id']).toBe(SESSION_ID)
  })

  test('two clients on one page send each header once', async ({ shop, origins }) => {
    await shop.evaluate(async () => {
      conformance.interceptFetch(conformance.createPolicy({ sessionId: () => 'second-client' }))
      await fetch('/echo')
    })
    expect(origins.home.receivedFor('/echo')[0]?.headers['x-session-id']).toBe('second-client')
  })

  test('an undo below another wrapper leaves that wrapper in place and turns ours into a pass-through', async ({
    shop,
  }) => {
    const result = await shop.evaluate(async () => {
      window.fetch = conformance.nativeFetch
      const undo = conformance.interceptFetch(conformance.createPolicy())
      const below = fetch
      let seen = 0
      const above = (...args: Parameters<typeof fetch>) => {
        seen++
        return below(...args)
      }
      window.fetch = above
      const idOf = async () => (await fetch('/echo').then((r) => r.json())).headers['x-session-id'] ?? null
      const before = await idOf()
      undo()
      return [before, fetch === above, await idOf(), seen]
    })
    expect(result).toEqual([SESSION_ID, true, null, 2])
  })

  test('a wrapper below ours receives plain arguments it can spread, and is restored by our undo', async ({
    shop,
  }) => {
    const result = await shop.evaluate(async () => {
      const seen: unknown[] = []
      const native = conformance.nativeFetch
      const below = (input: RequestInfo | URL, init?: RequestInit) => {
        seen.push(Object.keys({ ...init }))
        return native(input, { ...init, keepalive: true })
      }
      window.fetch = below
      const undo = conformance.interceptFetch(conformance.createPolicy())
      class Init {
        get method() {
          return 'POST'
        }
        get body() {
          return 'kept'
        }
      }
      const echoed = await fetch('/echo', new Init()).then((r) => r.json())
      undo()
      return [seen, echoed.method, echoed.body, echoed.headers['x-session-id'], fetch === below]
    })
    expect(result).toEqual([[['body', 'method', 'headers']], 'POST', 'kept', SESSION_ID, true])
  })

  test('a thousand unordered installs and undos of two libraries do not grow the chain', async ({ shop }) => {
    const result = await shop.evaluate(async () => {
      window.fetch = conformance.nativeFetch
      let depth = 0
      const policy = conformance.createPolicy()
      for (let round = 0; round < 1000; round++) {
        const undo = conformance.interceptFetch(policy)
        const original = window.fetch
        window.fetch = (...args) => original(...args)
        undo()
        // The other library restores what it found, which is our emptied layer.
        window.fetch = original
      }
      for (let layer: unknown = fetch; layer !== conformance.nativeFetch; depth++) {
        layer = (layer as Record<symbol, unknown>)[Symbol.for('helloagain.original')]
      }
      const undo = conformance.interceptFetch(policy)
      const { headers } = await fetch('/echo').then((r) => r.json())
      undo()
      return [depth, headers['x-session-id'], fetch === conformance.nativeFetch]
    })
    expect(result).toEqual([1, SESSION_ID, true])
  })

  test('an undo after somebody put the native function back leaves it there', async ({ shop }) => {
    const isNative = await shop.evaluate(() => {
      const undo = conformance.interceptFetch(conformance.createPolicy())
      window.fetch = conformance.nativeFetch
      undo()
      return fetch === conformance.nativeFetch
    })
    expect(isNative).toBe(true)
  })

  test('a fetch that cannot be replaced stays, and nothing is thrown', async ({ shop }) => {
    const result = await shop.evaluate(() => {
      const tried = (attributes: PropertyDescriptor) => {
        const scope = Object.defineProperty({ location, document }, 'fetch', attributes) as typeof globalThis
        const original = scope.fetch
        const undo = conformance.interceptFetch(conformance.createPolicy(), scope)
        const isKept = scope.fetch === original
        undo()
        return isKept
      }
      const value = conformance.nativeFetch
      return [
        tried({ value, writable: false, configurable: false }),
        tried({ get: () => value }),
        tried({
          get: () => value,
          set: () => {
            throw new Error('mine')
          },
        }),
        tried({ value: undefined }),
      ]
    })
    expect(result).toEqual([true, true, true, true])
  })

  test('a fetch in flight at the undo is answered, and one that is no promise is handed through', async ({
    shop,
  }) => {
    const result = await shop.evaluate(async () => {
      const undo = conformance.interceptFetch(conformance.createPolicy())
      const inFlight = fetch('/echo')
      undo()
      const scope = { fetch: () => 'mocked', location, document }
      conformance.interceptFetch(conformance.createPolicy(), scope as unknown as typeof globalThis)
      return [(await inFlight).status, (scope.fetch as unknown as (url: string) => unknown)('/echo')]
    })
    expect(result).toEqual([200, 'mocked'])
  })
})
