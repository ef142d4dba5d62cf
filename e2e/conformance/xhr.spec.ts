import {
  expect,
  expectSame,
  expectSameWithSession,
  FINGERPRINT,
  SESSION_ID,
  test,
} from './support/conformance-test.ts'

test.describe('an XMLHttpRequest reaches the server as it would natively, with the session', () => {
  test('asynchronous, with and without the third argument of open', async ({ sideBySide }) => {
    for (const call of [
      () =>
        new Promise((done) => {
          const xhr = new XMLHttpRequest()
          xhr.open('GET', '/echo')
          xhr.onload = () => done(JSON.parse(xhr.responseText))
          xhr.send()
        }),
      () =>
        new Promise((done) => {
          const xhr = new XMLHttpRequest()
          xhr.open('POST', new URL('/echo', location.href), true)
          xhr.setRequestHeader('X-App', '1')
          xhr.responseType = 'json'
          xhr.addEventListener('load', () => done(xhr.response))
          xhr.send('body')
        }),
    ]) {
      expectSameWithSession(await sideBySide(call))
    }
  })

  test('synchronous', async ({ sideBySide }) => {
    const outcomes = await sideBySide(() => {
      const xhr = new XMLHttpRequest()
      xhr.open('POST', '/echo', false)
      xhr.send('sync')
      return JSON.parse(xhr.responseText)
    })
    expectSameWithSession(outcomes)
    expect(outcomes.intercepted.resolved).toMatchObject({ body: 'sync' })
  })

  test('open receives exactly as many arguments as the app gave', async ({ shop }) => {
    const counts = await shop.evaluate(() => {
      const seen: number[] = []
      const native = XMLHttpRequest.prototype.open
      const scope = {
        XMLHttpRequest: {
          prototype: Object.assign(Object.create(XMLHttpRequest.prototype), {
            open(...args: unknown[]) {
              seen.push(args.length)
            },
          }),
        },
        location,
        document,
      }
      conformance.interceptXhr(conformance.createPolicy(), scope)
      const { prototype } = scope.XMLHttpRequest
      prototype.open('GET', '/echo')
      prototype.open('GET', '/echo', false)
      prototype.open('GET', '/echo', true, 'user', 'password')
      return [seen, native.length]
    })
    expect(counts).toEqual([[2, 3, 5], 2])
  })

  test('opened again: the headers of the first opening are gone, ours are set once', async ({
    sideBySide,
  }) => {
    const outcomes = await sideBySide(
      () =>
        new Promise((done) => {
          const xhr = new XMLHttpRequest()
          xhr.open('GET', '/hang')
          xhr.setRequestHeader('X-Session-ID', 'of the first opening')
          xhr.send()
          xhr.open('PUT', '/echo')
          xhr.setRequestHeader('X-App', '2')
          xhr.onload = () => done(JSON.parse(xhr.responseText))
          xhr.send('second')
        }),
    )
    expectSameWithSession(outcomes)
  })

  test('used for one request after the other', async ({ shop }) => {
    const ids = await shop.evaluate(async () => {
      const xhr = new XMLHttpRequest()
      const idOf = () =>
        new Promise((done) => {
          xhr.open('GET', '/echo')
          xhr.onload = () => done(JSON.parse(xhr.responseText).headers['x-session-id'])
          xhr.send()
        })
      const first = await idOf()
      conformance.identity.sessionId = 'rotated'
      return [first, await idOf()]
    })
    expect(ids).toEqual([SESSION_ID, 'rotated'])
  })

  test('the session id is read at send, not at open', async ({ shop }) => {
    const id = await shop.evaluate(
      () =>
        new Promise((done) => {
          const xhr = new XMLHttpRequest()
          xhr.open('GET', '/echo')
          conformance.identity.sessionId = 'rotated'
          xhr.onload = () => done(JSON.parse(xhr.responseText).headers['x-session-id'])
          xhr.send()
        }),
    )
    expect(id).toBe('rotated')
  })
})

test.describe('what the app has set or done stays', () => {
  test('a header of the same name wins, and nothing is appended to it', async ({ shop }) => {
    const headers = await shop.evaluate(
      () =>
        new Promise<Record<string, string>>((done) => {
          const xhr = new XMLHttpRequest()
          xhr.open('GET', '/echo')
          xhr.setRequestHeader('x-SESSION-id', 'mine')
          xhr.onload = () => done(JSON.parse(xhr.responseText).headers)
          xhr.send()
        }),
    )
    expect(headers).toMatchObject({ 'x-session-id': 'mine', 'x-device-fingerprint': FINGERPRINT })
  })

  test('send before open, send twice, a bad URL and a bad method throw in the same words', async ({
    sideBySide,
  }) => {
    for (const call of [
      () => new XMLHttpRequest().send(),
      () => {
        const xhr = new XMLHttpRequest()
        xhr.open('GET', '/echo')
        xhr.send()
        xhr.send()
      },
      () => new XMLHttpRequest().open('GET', 'http://'),
      () => new XMLHttpRequest().open('TRACE', '/echo'),
      () => new XMLHttpRequest().setRequestHeader('X-App', '1'),
      () => (XMLHttpRequest.prototype.open as () => void).call({}),
      () => (XMLHttpRequest.prototype.send as () => void).call({}),
      () => (new XMLHttpRequest().open as () => void)(),
    ]) {
      const outcomes = await sideBySide(call)
      expectSame(outcomes)
      expect(outcomes.intercepted.threw, String(call)).toBeDefined()
    }
  })

  test('abort fires what it fires natively, and nothing is counted as a failure', async ({ sideBySide }) => {
    const outcomes = await sideBySide(
      () =>
        new Promise((done) => {
          const events: string[] = []
          const xhr = new XMLHttpRequest()
          for (const type of ['loadstart', 'readystatechange', 'abort', 'error', 'load', 'loadend']) {
            xhr.addEventListener(type, () => events.push(`${type} ${xhr.readyState}`))
          }
          xhr.open('GET', '/hang')
          xhr.send()
          xhr.abort()
          done([events, xhr.readyState, xhr.status])
        }),
    )
    expectSame(outcomes)
  })

  test('responseType, timeout, progress and upload events work as natively', async ({ sideBySide }) => {
    const outcomes = await sideBySide(
      () =>
        new Promise((done) => {
          const events = new Set<string>()
          const xhr = new XMLHttpRequest()
          xhr.open('POST', '/echo')
          xhr.responseType = 'arraybuffer'
          xhr.timeout = 10_000
          xhr.onprogress = () => events.add('progress')
          xhr.upload.onload = () => events.add('upload')
          xhr.onloadend = () =>
            done([
              [...events],
              xhr.response instanceof ArrayBuffer,
              xhr.responseType,
              xhr.timeout,
              xhr.getAllResponseHeaders().length > 0,
            ])
          xhr.send(new Blob(['x'.repeat(1000)]))
        }),
    )
    expectSame(outcomes)
    expect(outcomes.native.resolved).toEqual([['upload', 'progress'], true, 'arraybuffer', 10_000, true])
  })

  test('names, lengths and texts of the methods are the native ones', async ({ sideBySide }) => {
    expectSame(
      await sideBySide(() =>
        (['open', 'setRequestHeader', 'send'] as const).map((name) => {
          const method = XMLHttpRequest.prototype[name]
          const { value: _value, ...attributes } =
            Object.getOwnPropertyDescriptor(XMLHttpRequest.prototype, name) ?? {}
          return [method.name, method.length, String(method), Object.keys(method), attributes]
        }),
      ),
    )
  })
})

test.describe('where it goes and what comes back', () => {
  test('W1 another port of the same host gets no header and no preflight', async ({
    shop,
    addresses,
    origins,
  }) => {
    await shop.evaluate(
      ({ other }) =>
        new Promise((done) => {
          const xhr = new XMLHttpRequest()
          xhr.open('GET', `${other}/simple-only`)
          xhr.onloadend = done
          xhr.send()
        }).then(() => {}),
      addresses,
    )
    expect(origins.other.received.map(({ method }) => method)).toEqual(['GET'])
    expect(origins.other.received[0]?.headers).not.toHaveProperty('x-session-id')
  })

  test('a fingerprint the server made is taken in, from covered origins only and without console errors', async ({
    shop,
    addresses,
  }) => {
    const errors: string[] = []
    shop.on('console', (message) => message.type() === 'error' && errors.push(message.text()))
    const taken = await shop.evaluate(async ({ other }) => {
      const get = (url: string, isAsync = true) =>
        new Promise<void>((done) => {
          const xhr = new XMLHttpRequest()
          xhr.open('GET', url, isAsync)
          xhr.onloadend = () => done()
          xhr.send()
        })
      await get('/fingerprint?value=made-1')
      await get('/fingerprint?value=made-2', false)
      await get(`${other}/fingerprint?value=foreign`)
      await get('/echo')
      return conformance.takenIn
    }, addresses)
    expect(taken).toEqual(['made-1', 'made-2'])
    expect(errors).toEqual([])
  })

  test('after the undo nothing is sent, and the native methods are back; installed twice the header is sent once', async ({
    shop,
  }) => {
    const result = await shop.evaluate(async () => {
      const frame = document.body.appendChild(document.createElement('iframe'))
      const scope = frame.contentWindow as unknown as typeof globalThis
      const methods = () => [
        scope.XMLHttpRequest.prototype.open,
        scope.XMLHttpRequest.prototype.setRequestHeader,
        scope.XMLHttpRequest.prototype.send,
      ]
      const native = methods()
      const idOf = () =>
        new Promise((done) => {
          const xhr = new scope.XMLHttpRequest()
          xhr.open('GET', '/echo')
          xhr.onload = () => done(JSON.parse(xhr.responseText).headers['x-session-id'] ?? null)
          xhr.send()
        })
      const policy = conformance.createPolicy()
      const undos = [conformance.interceptXhr(policy, scope), conformance.interceptXhr(policy, scope)]
      const during = await idOf()
      for (const undo of [...undos, ...undos]) undo()
      return [during, await idOf(), methods().every((method, at) => method === native[at])]
    })
    expect(result).toEqual([SESSION_ID, null, true])
  })
})
