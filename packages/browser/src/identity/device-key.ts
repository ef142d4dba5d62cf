import { type DeviceKeyJwk, DPOP_HEADER } from '@helloagain/protocol'
import { promisifyRequest } from 'idb-keyval'
import { briefly, FINGERPRINT_DATABASE } from '../fingerprint/database.ts'
import { quietly } from '../platform/quietly.ts'

/** A device key as it is kept: the private half cannot be read by anybody, us included. */
interface KeptKey {
  key: CryptoKey
  jwk: DeviceKeyJwk
  /** RFC 7638 thumbprint. */
  id: string
}

/** What goes with a call to prove it, or to have the key bound. */
export interface KeyProof {
  id: string
  jwk: DeviceKeyJwk
  headers: Record<string, string>
}

/**
 * This browser's key for one site. Where the browser has no WebCrypto (plain http), no IndexedDB or keeps no keys in it
 * (`DataCloneError`, iOS lockdown mode, https://github.com/tkhq/sdk/issues/1454, 2026-07), there is none, and the cookie does.
 */
export interface DeviceKey {
  /** A proof by the key that is there. Never rejects. */
  prove(nonce: string): Promise<KeyProof | undefined>
  /** The same; where there is no key, one is made and kept. */
  makeAndProve(nonce: string): Promise<KeyProof | undefined>
  /** Deletes what the database holds, the key included. */
  forget(): void
}

export interface DeviceKeyOptions {
  scope: Pick<Window & typeof globalThis, 'crypto' | 'indexedDB'>
  /** Name of the key: of each site its own, so that no two see the same. */
  name: string
  /** Address of the call that is proven. */
  url: string
  newId(): string
}

const CURVE = { name: 'ECDSA', namedCurve: 'P-256' }
const HASH = 'SHA-256'

const toBytes = (text: string) => new TextEncoder().encode(text)

const toBase64Url = (bytes: ArrayBuffer | Uint8Array<ArrayBuffer>): string =>
  btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=+$/, '')

const encode = (value: object): string => toBase64Url(toBytes(JSON.stringify(value)))

export function createDeviceKey({ scope, name, url, newId }: DeviceKeyOptions): DeviceKey {
  async function make(subtle: SubtleCrypto): Promise<KeptKey> {
    const { publicKey, privateKey } = await subtle.generateKey(CURVE, false, ['sign', 'verify'])
    const { x = '', y = '' } = await subtle.exportKey('jwk', publicKey)
    // In the order RFC 7638 hashes them.
    const jwk = { crv: 'P-256', kty: 'EC', x, y } as const
    return { key: privateKey, jwk, id: toBase64Url(await subtle.digest(HASH, toBytes(JSON.stringify(jwk)))) }
  }

  // Async, because the mere mention of `indexedDB` throws in sandboxed frames.
  const find = async (): Promise<KeptKey | undefined> =>
    briefly(scope.indexedDB, 'readonly', (store) => promisifyRequest(store.get(name)))

  /** Where another tab was faster, its key. */
  const keep = (made: KeptKey): Promise<KeptKey> =>
    briefly(scope.indexedDB, 'readwrite', async (store) => {
      const other = await promisifyRequest<KeptKey | undefined>(store.get(name))
      if (!other) await promisifyRequest(store.put(made, name))
      return other ?? made
    })

  async function sign({ key, jwk, id }: KeptKey, nonce: string): Promise<KeyProof> {
    // A nonce begins with the server's time, so that a wrong clock here is no matter.
    const claims = { htm: 'POST', htu: url, iat: Number.parseInt(nonce, 10), jti: newId(), nonce }
    const text = `${encode({ typ: 'dpop+jwt', alg: 'ES256', jwk })}.${encode(claims)}`
    const signature = await scope.crypto.subtle.sign({ ...CURVE, hash: HASH }, key, toBytes(text))
    return { id, jwk, headers: { [DPOP_HEADER]: `${text}.${toBase64Url(signature)}` } }
  }

  const refuse = (): undefined => undefined
  return {
    prove: (nonce) =>
      find()
        .then((kept) => kept && sign(kept, nonce))
        .catch(refuse),
    makeAndProve: (nonce) =>
      find()
        .then(async (kept) => kept ?? keep(await make(scope.crypto.subtle)))
        .then((kept) => sign(kept, nonce))
        .catch(refuse),
    forget: () => void quietly(() => scope.indexedDB.deleteDatabase(FINGERPRINT_DATABASE)),
  }
}
