import { createHmac, createPrivateKey, sign as nodeSign, randomBytes } from 'node:crypto'
import {
  type CryptoKey,
  decodeProtectedHeader,
  exportJWK,
  exportSPKI,
  generateKeyPair,
  importJWK,
  type JWK,
  SignJWT,
} from 'jose'
import { beforeEach, expect, it } from 'vitest'
import { openStorage } from '../open-storage.ts'
import { createSealedBox } from '../platform/crypto/sealed-box.ts'
import { createServerKeys } from '../platform/crypto/server-keys.ts'
import { newId } from '../platform/ids.ts'
import { onEveryEngine } from '../platform/storage/on-every-engine.ts'
import {
  type AccountWorld,
  createAccountWorld,
  createBrowser,
  PASSWORD,
  SECRET,
  site,
  siteOf,
} from '../testing/account-world.ts'
import { createAccountStore } from './store.ts'
import { createTokens } from './tokens.ts'

const ISSUER = 'https://ha.example'

let world: AccountWorld
let genuine: string
let userId: string

beforeEach(async () => {
  world = createAccountWorld(await openStorage(':memory:', ''))
  const browser = createBrowser(world, site)
  const { user, accessToken } = await browser.signUp({ email: 'ada@example.com', password: PASSWORD })
  userId = user.id
  genuine = accessToken.token
})

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const partsOf = (token: string) => {
  const [header = '', payload = '', signature = ''] = token.split('.')
  const decode = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString())
  return {
    header: decode(header),
    payload: decode(payload),
    signature,
    rawHeader: header,
    rawPayload: payload,
  }
}
const refused = (token: string, code = 'auth.token_invalid', where = site) =>
  expect(world.tokens.verify(where, token)).rejects.toMatchObject({ code, status: 401 })

async function currentKey() {
  const [row] = await world.store.listSigningKeys()
  if (!row) throw new Error('There is no key yet.')
  return { row, place: `signing_keys/private_sealed/${row.kid}` }
}
/** The server's own private key: what is signed with it is wrong only in what the test says. */
async function ownKey() {
  const { row, place } = await currentKey()
  return importJWK(JSON.parse(world.box.open(row.privateSealed, place)) as JWK, 'ES256')
}
async function forge(change: {
  header?: object
  claims?: object
  without?: string
  key?: Parameters<SignJWT['sign']>[0]
}) {
  const { header, payload } = partsOf(genuine)
  const claims = { ...payload, ...change.claims }
  if (change.without) delete claims[change.without]
  return new SignJWT(claims)
    .setProtectedHeader({ ...header, ...change.header })
    .sign(change.key ?? (await ownKey()))
}

it('R38 issues a user token for ten minutes with issuer, site, subject, login session and id', async () => {
  const { header, payload } = partsOf(genuine)
  expect(header).toEqual({ alg: 'ES256', typ: 'at+jwt', kid: 'k1' })
  const atSeconds = world.clock.atMs / 1000
  expect(payload).toMatchObject({
    iss: ISSUER,
    aud: site.id,
    sub: userId,
    iat: atSeconds,
    exp: atSeconds + 600,
  })
  expect(Object.keys(payload).sort()).toEqual(['aud', 'exp', 'iat', 'iss', 'jti', 'sid', 'sub'])
  expect(await world.tokens.verify(site, genuine)).toEqual({
    kind: 'user',
    userId,
    loginSessionId: payload.sid,
  })
})

it('issues a visitor token for a day that is no user token, whatever its type is changed to', async () => {
  const { token, expiresInSeconds } = await world.tokens.issueForVisitor(site, 'visitor-1')
  expect(expiresInSeconds).toBe(86_400)
  expect(await world.tokens.verify(site, token)).toEqual({ kind: 'anonymous', visitorId: 'visitor-1' })
  const { header, payload } = partsOf(token)
  await refused(
    await new SignJWT(payload).setProtectedHeader({ ...header, typ: 'at+jwt' }).sign(await ownKey()),
  )
})

it('tells an expired token from an invalid one', async () => {
  world.clock.atMs += 599_000
  await world.tokens.verify(site, genuine)
  world.clock.atMs += 1000
  await refused(genuine, 'auth.token_expired')
})

it('does not say that a token has expired unless its signature is ours', async () => {
  const { privateKey } = await generateKeyPair('ES256')
  await refused(await forge({ claims: { exp: 1 }, key: privateKey }))
})

it('accepts what these tests forge when nothing is wrong with it', async () => {
  expect(await world.tokens.verify(site, await forge({}))).toMatchObject({ kind: 'user', userId })
})

it.each([
  ['nothing', ''],
  ['one letter', 'a'],
  ['three letters', 'a.b.c'],
  ['dots', '..'],
  ['JSON nulls', `${encode(null)}.${encode(null)}.${encode(null)}`],
  ['a long text', 'a'.repeat(5000)],
  ['long parts', `${'a'.repeat(3000)}.${'a'.repeat(3000)}.${'a'.repeat(86)}`],
  ['NUL bytes', '\0.\0.\0'],
  ['JSON', '{"alg":"none"}'],
])('answers %s in the place of a token as it answers any bad token', (_what, token) => refused(token))

it('refuses other spellings of a good signature: padding, unused bits, white space', async () => {
  const last = genuine.at(-1) ?? ''
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const sibling = alphabet[alphabet.indexOf(last) + 1] ?? ''
  await refused(`${genuine}==`)
  await refused(`${genuine.slice(0, -1)}${sibling}`)
  await refused(`${genuine}\n`)
  await refused(genuine.replaceAll('.', ' .'))
})

it('R40 refuses alg none, with and without a signature, in any spelling', async () => {
  const { header, rawPayload, signature } = partsOf(genuine)
  for (const alg of ['none', 'None', 'NONE', 'nOnE']) {
    await refused(`${encode({ ...header, alg })}.${rawPayload}.`)
    await refused(`${encode({ ...header, alg })}.${rawPayload}.${signature}`)
  }
})

it('R39 refuses HS256 keyed with our public key (RFC 8725 §2.1)', async () => {
  const { keys } = await world.tokens.jwks()
  const publicKey = await importJWK(keys[0] as JWK, 'ES256', { extractable: true })
  const { header, rawPayload } = partsOf(genuine)
  const secrets = [JSON.stringify(keys[0]), await exportSPKI(publicKey as CryptoKey), '']
  for (const secret of secrets) {
    const unsigned = `${encode({ ...header, alg: 'HS256' })}.${rawPayload}`
    await refused(`${unsigned}.${createHmac('sha256', secret).update(unsigned).digest('base64url')}`)
  }
})

it('R40 refuses a token that brings or names its own key, even when its signature is good', async () => {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true })
  const jwk = await exportJWK(publicKey)
  const stranger = { key: privateKey }
  await refused(await forge({ header: { jwk }, ...stranger }))
  await refused(await forge({ header: { jwk, kid: undefined }, ...stranger }))
  for (const header of [
    { jwk },
    { jku: 'https://evil.example/jwks' },
    { x5u: 'https://evil.example' },
    { x5c: ['a'] },
  ]) {
    await refused(await forge({ header }))
  }
})

it.each([['k99'], ['k1 '], ['../k1'], ["k1' OR '1'='1"], [undefined], ['__proto__']])(
  'R40 refuses the kid %j, which is not one of ours',
  async (kid) => {
    await refused(await forge({ header: { kid } }))
  },
)

it('R39 refuses a token of another type, issuer or audience', async () => {
  for (const typ of ['JWT', 'jwt', 'AT+JWT', 'application/at+jwt', undefined, 'ha-recovery+jwt']) {
    await refused(await forge({ header: { typ } }))
  }
  await refused(await forge({ claims: { iss: 'https://evil.example' } }))
  await refused(await forge({ claims: { aud: newId() } }))
  await refused(genuine, 'auth.token_invalid', siteOf('another'))
})

it('refuses a remembered token at another site', async () => {
  await world.tokens.verify(site, genuine)
  await refused(genuine, 'auth.token_invalid', siteOf('another'))
  await world.tokens.verify(site, genuine)
})

it.each(['sub', 'sid', 'iat', 'exp', 'jti', 'iss', 'aud'])('refuses a token without %s', async (without) =>
  refused(await forge({ without })),
)

it('refuses a token that was changed in header, payload or signature', async () => {
  const { header, payload, signature, rawHeader, rawPayload } = partsOf(genuine)
  await refused(`${rawHeader}.${encode({ ...payload, sub: newId() })}.${signature}`)
  await refused(`${rawHeader}.${encode({ ...payload, exp: payload.exp + 1 })}.${signature}`)
  await refused(`${encode({ ...header, extra: 1 })}.${rawPayload}.${signature}`)
  await refused(`${rawHeader}.${rawPayload}.${Buffer.alloc(64).toString('base64url')}`)
  await refused(`${rawHeader}.${rawPayload}.${randomBytes(64).toString('base64url')}`)
  await refused(`${rawHeader}.${rawPayload}.${signature.slice(0, -4)}`)
  await refused(`${rawHeader}.${rawPayload}.${signature}.`)
  await refused(`${rawHeader}.${rawPayload}.`)
})

it('refuses a DER signature, which is not the form of RFC 7518 §3.4', async () => {
  const { rawHeader, rawPayload } = partsOf(genuine)
  const { row, place } = await currentKey()
  const key = createPrivateKey({ key: JSON.parse(world.box.open(row.privateSealed, place)), format: 'jwk' })
  const der = nodeSign('sha256', Buffer.from(`${rawHeader}.${rawPayload}`), key)
  await refused(`${rawHeader}.${rawPayload}.${der.toString('base64url')}`)
})

it('refuses a good signature over a login session of somebody else, or of nobody', async () => {
  await refused(await forge({ claims: { sub: newId() } }))
  await refused(await forge({ claims: { sid: newId() } }))
})

it('R29 ends a token with its login session, at once and in every process', async () => {
  const { store, box, clock } = world
  const other = createTokens({ store, box, nowMs: () => clock.atMs, issuer: ISSUER })
  await world.tokens.verify(site, genuine)
  await other.verify(site, genuine)
  await store.revokeLoginSession(partsOf(genuine).payload.sid, { reason: 'logout', atMs: clock.atMs })
  await refused(genuine)
  await expect(other.verify(site, genuine)).rejects.toMatchObject({ code: 'auth.token_invalid' })
})

it('R42 keeps private keys sealed: a copy of the database signs nothing', async () => {
  for (const row of await world.store.listSigningKeys()) {
    expect(row.privateSealed).toMatch(/^v1\./)
    expect(JSON.stringify(row)).not.toContain('"d"')
    const thief = createSealedBox(createServerKeys('another-secret-0123456789-abcdefgh').key('sealed-box'))
    expect(() => thief.open(row.privateSealed, `signing_keys/private_sealed/${row.kid}`)).toThrow()
  }
})

it('R41 publishes current and next key, public members only', async () => {
  const { keys } = await world.tokens.jwks()
  expect(keys.map(({ kid }) => kid)).toEqual(['k1', 'k2'])
  for (const key of keys) {
    expect(Object.keys(key).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'])
  }
})

it('R41 keeps an old key until its last token has expired, and then drops it', async () => {
  const { token } = await world.tokens.issueForVisitor(site, 'visitor-1')
  await world.tokens.rotateKeys()
  const fresh = await world.tokens.issueForVisitor(site, 'visitor-2')
  expect(decodeProtectedHeader(fresh.token).kid).toBe('k2')
  world.clock.atMs += 86_300_000
  await world.tokens.rotateKeys()
  expect(await world.tokens.verify(site, token)).toMatchObject({ visitorId: 'visitor-1' })
  expect((await world.tokens.jwks()).keys.map(({ kid }) => kid)).toEqual(['k1', 'k2', 'k3', 'k4'])
  world.clock.atMs += 86_400_000
  await world.tokens.rotateKeys()
  expect((await world.tokens.jwks()).keys.map(({ kid }) => kid)).not.toContain('k1')
  await refused(token)
})

onEveryEngine('signing keys', (storage) => {
  it('R41 are one pair for all processes that start at the same moment', async () => {
    const box = createSealedBox(createServerKeys(SECRET).key('sealed-box'))
    const processes = Array.from({ length: 8 }, () =>
      createTokens({ store: createAccountStore(storage()), box, nowMs: Date.now, issuer: ISSUER }),
    )
    const issued = await Promise.all(processes.map((tokens) => tokens.issueForVisitor(site, 'visitor-1')))
    expect(new Set(issued.map(({ token }) => decodeProtectedHeader(token).kid))).toEqual(new Set(['k1']))
    for (const tokens of processes) {
      for (const { token } of issued) {
        expect(await tokens.verify(site, token)).toEqual({ kind: 'anonymous', visitorId: 'visitor-1' })
      }
    }
  })
})
