import { expect, expectSame, expectSameWithSession, test } from './support/conformance-test.ts'

test.describe('every kind of input reaches the server as it would natively, with the session', () => {
  test('a relative URL', async ({ sideBySide }) => {
    expectSameWithSession(await sideBySide(() => fetch('/echo?a=1').then((r) => r.json())))
  })

  test('a relative URL resolves against the base of the document, and coverage follows it', async ({
    sideBySide,
    origins,
  }) => {
    const outcomes = await sideBySide(({ other }) => {
      document.head.append(Object.assign(document.createElement('base'), { href: `${other}/deep/` }))
      return fetch('../echo').then((r) => r.json())
    })
    expectSame(outcomes)
    expect(origins.other.receivedFor('/echo')).toHaveLength(2)
    expect(origins.other.preflightsFor('/echo')).toHaveLength(0)
  })

  test('a URL object', async ({ sideBySide }) => {
    expectSameWithSession(await sideBySide(({ home }) => fetch(new URL('/echo', home)).then((r) => r.json())))
  })

  test('anything that can be made a string', async ({ sideBySide }) => {
    expectSameWithSession(
      await sideBySide(() => fetch({ toString: () => '/echo' } as unknown as string).then((r) => r.json())),
    )
  })

  test('an anchor element, whose string is its address', async ({ sideBySide }) => {
    expectSameWithSession(
      await sideBySide(() => {
        const anchor = Object.assign(document.createElement('a'), { href: '/echo#part' })
        return fetch(anchor as unknown as string).then((r) => r.json())
      }),
    )
  })

  test('a Request', async ({ sideBySide }) => {
    expectSameWithSession(
      await sideBySide(() =>
        fetch(new Request('/echo', { headers: { 'X-App': '1' } })).then((r) => r.json()),
      ),
    )
  })

  test('a Request of another frame', async ({ sideBySide }) => {
    expectSameWithSession(
      await sideBySide(() => {
        const frame = document.body.appendChild(document.createElement('iframe'))
        const ForeignRequest = (frame.contentWindow as unknown as typeof globalThis).Request
        return fetch(new ForeignRequest('/echo', { method: 'POST', body: 'x' })).then((r) => r.json())
      }),
    )
  })

  test('a Request with a body', async ({ sideBySide }) => {
    expectSameWithSession(
      await sideBySide(() =>
        fetch(
          new Request('/echo', {
            method: 'PUT',
            body: '{"a":1}',
            headers: { 'Content-Type': 'application/json' },
          }),
        ).then((r) => r.json()),
      ),
    )
  })

  test('a Request with an init that replaces its headers and method', async ({ sideBySide }) => {
    const outcomes = await sideBySide(() => {
      const request = new Request('/echo', { method: 'POST', body: 'body', headers: { 'X-Old': '1' } })
      return fetch(request, { method: 'PUT', headers: { 'X-New': '1' } }).then((r) => r.json())
    })
    expectSameWithSession(outcomes)
    expect(outcomes.intercepted.resolved).toMatchObject({ method: 'PUT', headers: { 'x-new': '1' } })
    expect(outcomes.intercepted.resolved).not.toHaveProperty('headers.x-old')
  })

  test('a Request as the init of a string', async ({ sideBySide }) => {
    expectSameWithSession(
      await sideBySide(() =>
        fetch('/echo', new Request('/elsewhere', { method: 'DELETE' })).then((r) => r.json()),
      ),
    )
  })

  test('a POST Request with an empty init (ky) to an address that is not covered', async ({
    sideBySide,
    origins,
  }) => {
    const outcomes = await sideBySide(({ other }) =>
      fetch(new Request(`${other}/echo`, { method: 'POST', body: 'ky' }), {}).then((r) => r.json()),
    )
    expectSame(outcomes)
    expect(outcomes.intercepted.resolved).toMatchObject({ method: 'POST', body: 'ky' })
    expect(origins.other.preflightsFor('/echo')).toHaveLength(0)
  })

  test('a POST Request with an empty init to an address that is covered', async ({ sideBySide }) => {
    expectSameWithSession(
      await sideBySide(() =>
        fetch(new Request('/echo', { method: 'POST', body: 'ky' }), {}).then((r) => r.json()),
      ),
    )
  })

  test('a Request whose body was used already is refused in the same words', async ({ sideBySide }) => {
    const outcomes = await sideBySide(async () => {
      const request = new Request('/echo', { method: 'POST', body: 'once' })
      await request.text()
      return fetch(request)
    })
    expectSame(outcomes)
    expect(outcomes.native.rejected).toMatch(/^TypeError/)
  })

  test('a form keeps its boundary', async ({ sideBySide }) => {
    const outcomes = await sideBySide(() => {
      const form = new FormData()
      form.set('name', 'Ada')
      return fetch('/echo', { method: 'POST', body: form }).then((r) => r.json())
    })
    expectSameWithSession(outcomes)
    const { headers, body } = outcomes.intercepted.resolved as {
      headers: Record<string, string>
      body: string
    }
    expect(body).toContain(headers['content-type']?.split('boundary=')[1])
  })

  test('a form inside a Request keeps its boundary', async ({ sideBySide }) => {
    const outcomes = await sideBySide(() => {
      const form = new FormData()
      form.set('name', 'Ada')
      return fetch(new Request('/echo', { method: 'POST', body: form })).then((r) => r.json())
    })
    expectSameWithSession(outcomes)
    const { headers, body } = outcomes.intercepted.resolved as {
      headers: Record<string, string>
      body: string
    }
    expect(body).toContain(headers['content-type']?.split('boundary=')[1])
  })

  test('a streamed body fails or passes exactly as natively (HTTP/1.1 refuses streams)', async ({
    sideBySide,
  }) => {
    expectSame(
      await sideBySide(() => {
        const body = new Blob(['streamed']).stream()
        return fetch('/echo', { method: 'POST', body, duplex: 'half' } as RequestInit).then((r) => r.json())
      }),
    )
  })

  test('a streamed body without duplex is refused in the same words', async ({ sideBySide }) => {
    const outcomes = await sideBySide(() =>
      fetch('/echo', { method: 'POST', body: new Blob(['x']).stream() }),
    )
    expectSame(outcomes)
    expect(outcomes.native.rejected).toMatch(/^TypeError.*duplex/)
  })

  test('a Request whose body is a stream is not asked for duplex again', async ({ sideBySide }) => {
    expectSame(
      await sideBySide(() => {
        const init = { method: 'POST', body: new Blob(['x']).stream(), duplex: 'half' } as RequestInit
        return fetch(new Request('/echo', init)).then((r) => r.json())
      }),
    )
  })
})
