import { Buffer } from 'node:buffer'
import { createHmac, randomUUID } from 'node:crypto'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDeviceKey, type KeyedBrowser, type ProofClaims, withDeviceKey } from '../testing/device-key.ts'
import { type StartedServer, startServer } from '../testing/start-server.ts'
import { createTestBrowser } from '../testing/test-browser.ts'

let server: StartedServer

beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

const OPEN = ['POST', '/api/sessions'] as const

async function openBrowser(key?: KeyedBrowser['key']) {
  const browser = withDeviceKey(server.url, createTestBrowser(server), key ?? (await createDeviceKey()))
  const { body } = await browser.call(...OPEN, { body: {} })
  return { browser, sessionId: body.session.sessionId as string, visitorId: body.visitor.visitorId as string }
}

/** Somebody with a bound key, whose cookie is lost: only a proof speaks for them. */
async function createVictim() {
  const { browser, ...ids } = await openBrowser()
  const { body } = await browser.prove(...OPEN, { body: { deviceKey: browser.key.publicJwk } })
  expect(body.deviceKeyId).toBe(browser.key.keyId)
  await browser.call('PATCH', `/api/sessions/${ids.sessionId}/profile`, { body: { firstName: 'Ada' } })
  browser.cookies.clear()
  return { browser, ...ids }
}

/** Opens a session with a proof, from a machine that has nothing else. */
const openWith = (proof: string) =>
  createTestBrowser(server).call(...OPEN, { body: {}, headers: { DPoP: proof } })

/** A proof in which nothing is wrong yet. */
const claimsOf = (browser: KeyedBrowser): ProofClaims => ({
  ...{ htm: 'POST', htu: `${server.url}/api/sessions`, nonce: browser.nonce() },
})

const base64Url = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

describe('a proof that is at fault is refused, and opens nothing', () => {
  const faults: Record<string, (browser: KeyedBrowser, claims: ProofClaims) => Promise<string>> = {
    'for another method': ({ key }, claims) => key.sign({ ...claims, htm: 'GET' }),
    'for another path': ({ key }, claims) => key.sign({ ...claims, htu: `${server.url}/api/events` }),
    'for another host': ({ key }, claims) =>
      key.sign({ ...claims, htu: 'https://evil.example/api/sessions' }),
    'for another port': ({ key }, claims) => key.sign({ ...claims, htu: 'http://127.0.0.1:1/api/sessions' }),
    'for an address that is none': ({ key }, claims) => key.sign({ ...claims, htu: 'sessions' }),
    'signed an hour ago by its own account': ({ key }, claims) =>
      key.sign({ ...claims, iat: Math.floor(Date.now() / 1000) - 3600 }),
    'signed tomorrow by its own account': ({ key }, claims) =>
      key.sign({ ...claims, iat: Math.floor(Date.now() / 1000) + 86_400 }),
    'with an id as long as a book': ({ key }, claims) => key.sign({ ...claims, jti: 'x'.repeat(129) }),
    'without an id': ({ key }, claims) => key.sign({ ...claims, jti: '' }),
    'of another type': ({ key }, claims) => key.sign({ ...claims, header: { typ: 'JWT' } }),
    'with extensions that must be understood': async ({ key }, claims) => {
      const [, payload = '', signature = ''] = (await key.sign(claims)).split('.')
      const header = { typ: 'dpop+jwt', alg: 'ES256', jwk: key.publicJwk, crit: ['b64'], b64: false }
      return [base64Url(header), payload, signature].join('.')
    },
    'with the private key in its header': async ({ key }, claims) => {
      const { d } = await exportJWK((await generateKeyPair('ES256', { extractable: true })).privateKey)
      return key.sign({ ...claims, header: { jwk: { ...key.publicJwk, d } } })
    },
    'with a header of 20,000 characters': ({ key }, claims) =>
      // Below what Node takes as a whole, above what any proof needs.
      key.sign({ ...claims, header: { padding: 'x'.repeat(6000) } }),
    'signed by another key than the one it names': async ({ key }, claims) =>
      (await createDeviceKey()).sign({ ...claims, header: { jwk: key.publicJwk } }),
    'whose signature was changed': async ({ key }, claims) =>
      (await key.sign(claims)).replace(/.{4}$/, 'AAAA'),
    'with the algorithm none': async ({ key }, claims) => {
      const [, payload = ''] = (await key.sign(claims)).split('.')
      return `${base64Url({ typ: 'dpop+jwt', alg: 'none', jwk: key.publicJwk })}.${payload}.`
    },
    'with HMAC under the public key': async ({ key }, claims) => {
      const [, payload = ''] = (await key.sign(claims)).split('.')
      const head = base64Url({ typ: 'dpop+jwt', alg: 'HS256', jwk: key.publicJwk })
      const secret = JSON.stringify(key.publicJwk)
      return `${head}.${payload}.${createHmac('sha256', secret).update(`${head}.${payload}`).digest('base64url')}`
    },
    'by a symmetric key that it brings': ({ key }, { htm, htu, nonce = '' }) =>
      new SignJWT({ htm, htu, nonce, jti: randomUUID(), iat: Number.parseInt(nonce, 10) })
        .setProtectedHeader({ typ: 'dpop+jwt', alg: 'HS256', jwk: { kty: 'oct', k: key.keyId } as never })
        .sign(new TextEncoder().encode(key.keyId)),
    'by a key on another curve': async (_browser, { htm, htu, nonce = '' }) => {
      const { publicKey, privateKey } = await generateKeyPair('ES384')
      const jwk = await exportJWK(publicKey)
      return new SignJWT({ htm, htu, nonce, jti: randomUUID(), iat: Number.parseInt(nonce, 10) })
        .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES384', jwk })
        .sign(privateKey)
    },
    'by a key whose point is not on the curve': ({ key }, claims) =>
      key.sign({ ...claims, header: { jwk: { ...key.publicJwk, y: 'A'.repeat(43) } } }),
    'that is two': async ({ key }, claims) => `${await key.sign(claims)}, ${await key.sign(claims)}`,
    'that is no JWS': async () => 'a.b.c',
  }

  it.each(Object.keys(faults))('%s', async (name) => {
    const { browser, visitorId } = await createVictim()
    const proof = await faults[name]?.(browser, claimsOf(browser))
    const { status, body, headers } = await openWith(proof ?? '')
    expect([status, body.error.code]).toEqual([401, 'session.proof_invalid'])
    expect(headers['set-cookie']).toBeUndefined()
    expect(JSON.stringify(body)).not.toContain(visitorId)
    // Whatever is wrong with it, a nonce for a right one is in the answer, and the next one opens what is its own.
    expect(headers['dpop-nonce']).toMatch(/^\d+\.[\w-]{22}$/)
    expect((await openWith(await browser.key.sign(claimsOf(browser)))).body.visitor.visitorId).toBe(visitorId)
  })
})

describe('the nonce', () => {
  it.each([
    ['none', undefined],
    ['one made up', `${Math.floor(Date.now() / 60_000) * 60}.${'A'.repeat(22)}`],
    ['text', 'nonce'],
  ])('%s: a proof is asked for again, with a nonce of the server’s', async (_name, nonce) => {
    const { browser } = await createVictim()
    const proof = await browser.key.sign({ ...claimsOf(browser), nonce, iat: Math.floor(Date.now() / 1000) })
    const { status, body, headers } = await openWith(proof)
    expect([status, body.error.code]).toEqual([401, 'session.use_dpop_nonce'])
    expect(headers['dpop-nonce']).toMatch(/^\d+\.[\w-]{22}$/)
    expect(headers['www-authenticate']).toContain('use_dpop_nonce')
  })

  it('is over two minutes after it was given, and a proof made ahead with it', async () => {
    const later = await startServer({ startAtMs: Date.UTC(2030, 0, 1, 12) })
    const browser = withDeviceKey(later.url, createTestBrowser(later), await createDeviceKey())
    await browser.call(...OPEN, { body: {} })
    const sign = () =>
      browser.key.sign({ htm: 'POST', htu: `${later.url}/api/sessions`, nonce: browser.nonce() })
    const [early, late] = [await sign(), await sign()]
    const bring = async (proof: string) =>
      (await createTestBrowser(later).call(...OPEN, { body: {}, headers: { DPoP: proof } })).status
    later.clock.advance(61_000)
    expect(await bring(early)).toBe(200)
    later.clock.advance(60_000)
    expect(await bring(late)).toBe(401)
    await later.close()
  })

  it('of one site is none of another', async () => {
    const { browser } = await createVictim()
    const { publishableKey } = await server.sites.create(`other-${randomUUID()}`, {
      unsetMode: 'recognition',
    })
    const { status, body } = await createTestBrowser(server).call(...OPEN, {
      body: {},
      headers: { DPoP: await browser.key.sign(claimsOf(browser)), 'X-Site-Key': publishableKey },
    })
    expect([status, body.error.code]).toEqual([401, 'session.use_dpop_nonce'])
  })
})

it('a proof that was sent is of no use to whoever saw it', async () => {
  const { browser, visitorId } = await createVictim()
  const proof = await browser.key.sign(claimsOf(browser))
  expect((await openWith(proof)).body.visitor.visitorId).toBe(visitorId)
  const replayed = await openWith(proof)
  expect([replayed.status, replayed.body.error.code]).toEqual([401, 'session.proof_invalid'])
})

it('of fifty who bring one proof at once, one is let in', async () => {
  const { browser, visitorId } = await createVictim()
  const proof = await browser.key.sign(claimsOf(browser))
  const answers = await Promise.all(Array.from({ length: 50 }, () => openWith(proof)))
  const opened = answers.filter(({ status }) => status === 200)
  expect(opened.map(({ body }) => body.visitor.visitorId)).toEqual([visitorId])
  for (const { status } of answers) expect([200, 401]).toContain(status)
})

it('a proof seen on its way cannot bind the victim’s key to the thief’s session', async () => {
  const { browser: victim } = await openBrowser()
  const proof = await victim.key.sign(claimsOf(victim))
  const bind = { body: { deviceKey: victim.key.publicJwk }, headers: { DPoP: proof } }
  await victim.call(...OPEN, bind)
  const { browser: thief, visitorId } = await openBrowser()
  const { body } = await thief.call(...OPEN, bind)
  expect(body.visitor.visitorId).toBe(visitorId)
  expect(body).not.toHaveProperty('deviceKeyId')
})

it('a public key that somebody copied binds nothing, with no proof and with one by another key', async () => {
  const { browser: victim } = await createVictim()
  const { browser: thief, visitorId } = await openBrowser()
  const body = { deviceKey: victim.key.publicJwk }
  for (const answer of [await thief.call(...OPEN, { body }), await thief.prove(...OPEN, { body })]) {
    expect(answer.status).toBe(200)
    expect(answer.body).not.toHaveProperty('deviceKeyId')
    expect(answer.body.visitor.visitorId).toBe(visitorId)
  }
})

it('a session id that somebody copied gets no key, and its owner’s stays', async () => {
  const { browser: victim, sessionId, visitorId } = await createVictim()
  const { browser: thief } = await openBrowser()
  const { body } = await thief.prove(...OPEN, {
    body: { deviceKey: thief.key.publicJwk, mayProve: true },
    headers: { 'X-Session-ID': sessionId },
  })
  expect(body.visitor.visitorId).not.toBe(visitorId)
  expect((await victim.prove(...OPEN, { body: {} })).body.visitor.visitorId).toBe(visitorId)
})

it('a proof by a key that nobody has bound is no proof', async () => {
  const { sessionId } = await createVictim()
  const { browser: stranger } = await openBrowser()
  stranger.cookies.clear()
  const path = `/api/sessions/${sessionId}`
  const refused = await stranger.prove('PATCH', `${path}/profile`, { body: { firstName: 'Eve' } })
  expect([refused.status, refused.body.error.code]).toEqual([403, 'session.proof_required'])
  expect((await stranger.prove('GET', `${path}/user`)).body.restricted).toBe(true)
})

it('a key opens the sessions of its own visitor only', async () => {
  const [ada, bob] = [await createVictim(), await createVictim()]
  const { body } = await bob.browser.prove('GET', `/api/sessions/${ada.sessionId}/user`)
  expect(body).toMatchObject({ restricted: true, session: { userData: null } })
})

it('a back end that says a key is in no need of one: the header of a secret key’s call is not looked at', async () => {
  const { key } = await server.sites.createKey('default', 'secret', ['sessions:write'])
  const { status } = await createTestBrowser(server).call(...OPEN, {
    body: {},
    headers: { Authorization: `Bearer ${key}`, DPoP: 'nonsense' },
  })
  expect(status).toBe(200)
})

it.each([
  ['a private member', { d: 'A'.repeat(43) }],
  ['another curve', { crv: 'P-384' }],
  ['a coordinate that is none', { x: 'short' }],
])('400 for a key with %s', async (_name, change) => {
  const { browser } = await openBrowser()
  const { status, body } = await browser.call(...OPEN, {
    body: { deviceKey: { ...browser.key.publicJwk, ...change } },
  })
  expect([status, body.error.code]).toEqual([400, 'request.invalid'])
})

it('a flood of proofs by keys nobody knows takes no room from those that are known', async () => {
  const { browser, visitorId } = await createVictim()
  const strangers = await Promise.all(Array.from({ length: 20 }, () => createDeviceKey()))
  for (const key of strangers) await openWith(await key.sign(claimsOf(browser)))
  expect((await browser.prove(...OPEN, { body: {} })).body.visitor.visitorId).toBe(visitorId)
})
