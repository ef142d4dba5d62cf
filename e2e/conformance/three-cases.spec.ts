import { expect, FINGERPRINT, SESSION_ID, test } from './support/conformance-test.ts'

// The three cases of the origin document, over each way an app may send its requests.
const WAYS = ['fetch', 'XMLHttpRequest', 'axios (xhr)', 'axios (fetch)', 'ky'] as const

type Way = (typeof WAYS)[number]

interface Setup {
  way: Way
  url: string
  identity: { sessionId?: string; fingerprint?: string; accessToken?: string }
  /** Whether the page's own origin is a named API. */
  isApi?: boolean
}

/** Runs in the page; the headers the server got. */
async function send({ way, url, identity, isApi }: Setup): Promise<Record<string, string>> {
  const { axios, ky, createPolicy, interceptAxios, interceptFetch, interceptXhr, kyHooks } = conformance
  Object.assign(conformance.identity, { sessionId: undefined, fingerprint: undefined }, identity)
  const policy = createPolicy(isApi ? { tokenOrigins: [new URL(url, location.href).origin] } : {})
  if (way === 'fetch') {
    interceptFetch(policy)
    return (await (await fetch(url)).json()).headers
  }
  if (way === 'XMLHttpRequest') {
    interceptXhr(policy)
    return new Promise((done) => {
      const xhr = new XMLHttpRequest()
      xhr.open('GET', url)
      xhr.onload = () => done(JSON.parse(xhr.responseText).headers)
      xhr.send()
    })
  }
  if (way === 'ky') {
    const { headers } = await ky
      .create({ hooks: kyHooks({ headerPolicy: policy }) })
      .get(url)
      .json<{ headers: Record<string, string> }>()
    return headers
  }
  const instance = axios.create({ adapter: way === 'axios (xhr)' ? 'xhr' : 'fetch' })
  interceptAxios(instance, { headerPolicy: policy })
  return (await instance.get(url)).data.headers
}

for (const way of WAYS) {
  test.describe(way, () => {
    test.beforeEach(async ({ bare }) => {
      expect(await bare.evaluate(() => fetch === conformance.nativeFetch)).toBe(true)
    })

    test('case 1, anonymous: the fingerprint goes along, the server makes none', async ({ bare }) => {
      const identity = { fingerprint: FINGERPRINT }
      const headers = await bare.evaluate(send, { way, url: '/echo', identity, isApi: true })
      expect(headers).toMatchObject({ 'x-device-fingerprint': FINGERPRINT })
      expect(headers).not.toHaveProperty('x-session-id')
      expect(headers).not.toHaveProperty('authorization')
    })

    test('case 2, token lost while the session lives: session and fingerprint both go along', async ({
      bare,
    }) => {
      const identity = { sessionId: SESSION_ID, fingerprint: FINGERPRINT }
      const headers = await bare.evaluate(send, { way, url: '/echo', identity, isApi: true })
      expect(headers).toMatchObject({ 'x-session-id': SESSION_ID, 'x-device-fingerprint': FINGERPRINT })
      expect(headers).not.toHaveProperty('authorization')
    })

    test('case 3, signed in: the token goes along, the fingerprint does not', async ({ bare }) => {
      const identity = { sessionId: SESSION_ID, fingerprint: FINGERPRINT, accessToken: 'access' }
      const headers = await bare.evaluate(send, { way, url: '/echo', identity, isApi: true })
      expect(headers).toMatchObject({ 'x-session-id': SESSION_ID, authorization: 'Bearer access' })
      expect(headers).not.toHaveProperty('x-device-fingerprint')
    })

    test('W9 the token goes to no origin that is not named, not even the page’s own', async ({
      bare,
      addresses,
    }) => {
      const identity = { sessionId: SESSION_ID, accessToken: 'access' }
      const own = await bare.evaluate(send, { way, url: '/echo', identity })
      const foreign = await bare.evaluate(send, { way, url: `${addresses.other}/echo`, identity })
      expect(own).toMatchObject({ 'x-session-id': SESSION_ID })
      for (const headers of [own, foreign]) expect(headers).not.toHaveProperty('authorization')
      expect(foreign).not.toHaveProperty('x-session-id')
    })

    test('W9 a named API of another origin gets the token and nothing else of ours', async ({
      bare,
      addresses,
    }) => {
      const identity = { sessionId: SESSION_ID, fingerprint: FINGERPRINT, accessToken: 'access' }
      const headers = await bare.evaluate(send, {
        way,
        url: `${addresses.other}/echo`,
        identity,
        isApi: true,
      })
      expect(headers).toMatchObject({ authorization: 'Bearer access' })
      expect(headers).not.toHaveProperty('x-session-id')
      expect(headers).not.toHaveProperty('x-device-fingerprint')
    })
  })
}

test("with a bearer token of the app's own the fingerprint stays home too", async ({ shop }) => {
  const headers = await shop.evaluate(() =>
    fetch('/echo', { headers: { Authorization: 'Bearer of the app' } }).then(
      async (r) => (await r.json()).headers,
    ),
  )
  expect(headers).toMatchObject({ authorization: 'Bearer of the app', 'x-session-id': SESSION_ID })
  expect(headers).not.toHaveProperty('x-device-fingerprint')
})
