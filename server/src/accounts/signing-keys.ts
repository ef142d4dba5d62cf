import { type CryptoKey, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose'
import type { SealedBox } from '../platform/crypto/sealed-box.ts'
import { ANONYMOUS_TOKEN_SECONDS } from './policy.ts'
import type { SigningKeyStore, StoredSigningKey } from './ports.ts'

export const SIGNING_ALGORITHM = 'ES256'

// Another process may have rotated; its keys are taken in at least this often.
const RELOAD_MS = 60_000
// A kid nobody issued must not become a query for every forged token.
const UNKNOWN_KID_PAUSE_MS = 1000
// What keeps verifying after a key was replaced: the longest token, and a margin for clocks.
const KEPT_MS = ANONYMOUS_TOKEN_SECONDS * 1000 + 600_000

export interface SigningKeys {
  /** The key that signs now, made at the first call and then shared by every process. */
  current(): Promise<{ readonly kid: string; readonly key: CryptoKey }>
  /** The public key of one of our kids; no other kid is looked for anywhere but in our own table. */
  find(kid: string): Promise<CryptoKey | undefined>
  /** Public keys: next, current and previous. */
  list(): Promise<JWK[]>
  rotate(): Promise<void>
}

interface SigningKeyParts {
  readonly store: SigningKeyStore
  readonly box: SealedBox
  readonly nowMs: () => number
}

interface Loaded {
  readonly atMs: number
  readonly signer: { readonly kid: string; readonly key: CryptoKey }
  readonly publicKeys: ReadonlyMap<string, CryptoKey>
  readonly jwks: JWK[]
}

const placeOf = (kid: string) => `signing_keys/private_sealed/${kid}`
const numberOf = ({ kid }: { kid: string }) => Number(kid.slice(1))

// Numbered kids let two processes that start or rotate at once see that they want the same row.
async function makeKey(number: number, state: StoredSigningKey['state'], { box, nowMs }: SigningKeyParts) {
  const { publicKey, privateKey } = await generateKeyPair(SIGNING_ALGORITHM, { extractable: true })
  const kid = `k${number}`
  return {
    kid,
    publicJwk: { ...(await exportJWK(publicKey)), kid, alg: SIGNING_ALGORITHM, use: 'sig' },
    privateSealed: box.seal(JSON.stringify(await exportJWK(privateKey)), placeOf(kid)),
    state,
    createdAtMs: nowMs(),
  }
}

async function importKey(jwk: JWK): Promise<CryptoKey> {
  const key = await importJWK(jwk, SIGNING_ALGORITHM)
  if (key instanceof Uint8Array) throw new Error('A signing key is no key pair.')
  return key
}

async function load(rows: readonly StoredSigningKey[], { box, nowMs }: SigningKeyParts): Promise<Loaded> {
  const current = rows.find(({ state }) => state === 'current')
  if (!current) throw new Error('No signing key is current.')
  const privateJwk: JWK = JSON.parse(box.open(current.privateSealed, placeOf(current.kid)))
  return {
    atMs: nowMs(),
    signer: { kid: current.kid, key: await importKey(privateJwk) },
    publicKeys: new Map(
      await Promise.all(rows.map(async ({ kid, publicJwk }) => [kid, await importKey(publicJwk)] as const)),
    ),
    jwks: rows.map(({ publicJwk }) => publicJwk),
  }
}

/** A key k(n) was replaced at the moment k(n+2) was made; see `rotate`. */
function expiredKids(rows: readonly StoredSigningKey[], atMs: number): string[] {
  const madeAtMs = new Map(rows.map((row) => [numberOf(row), row.createdAtMs]))
  return rows
    .filter((row) => row.state === 'previous')
    .filter((row) => (madeAtMs.get(numberOf(row) + 2) ?? atMs) + KEPT_MS < atMs)
    .map(({ kid }) => kid)
}

/** ES256 key pairs, sealed at rest (SECURITY.md R41, R42). */
export function createSigningKeys(parts: SigningKeyParts): SigningKeys {
  const { store, nowMs } = parts
  let loaded: Promise<Loaded> | undefined
  let loadedAtMs = Number.NEGATIVE_INFINITY

  async function readOrMake(): Promise<Loaded> {
    let rows = await store.listSigningKeys()
    if (rows.length === 0) {
      // Whoever comes second finds the row taken and uses it.
      await store.addSigningKey(await makeKey(1, 'current', parts))
      await store.addSigningKey(await makeKey(2, 'next', parts))
      rows = await store.listSigningKeys()
    }
    return load(rows, parts)
  }
  function read(maxAgeMs: number): Promise<Loaded> {
    const atMs = nowMs()
    if (loaded && atMs - loadedAtMs < maxAgeMs) return loaded
    const reading = readOrMake()
    loaded = reading
    loadedAtMs = atMs
    // A failure is not kept: the next call tries again.
    reading.catch(() => {
      if (loaded === reading) loaded = undefined
    })
    return reading
  }

  return {
    current: async () => (await read(RELOAD_MS)).signer,
    list: async () => (await read(RELOAD_MS)).jwks,
    async find(kid) {
      const known = (await read(RELOAD_MS)).publicKeys.get(kid)
      return known ?? (await read(UNKNOWN_KID_PAUSE_MS)).publicKeys.get(kid)
    },
    async rotate() {
      await read(0)
      const rows = await store.listSigningKeys()
      const next = Math.max(...rows.map(numberOf)) + 1
      await store.rotateSigningKeys(await makeKey(next, 'next', parts), expiredKids(rows, nowMs()))
      await read(0)
    },
  }
}
