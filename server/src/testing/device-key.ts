import { type DeviceKeyJwk, DPOP_NONCE_HEADER } from '@helloagain/protocol'
import { type CryptoKey, calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from 'jose'
import type { Called, CallOptions, TestBrowser } from './test-browser.ts'

/** What a proof says; tests change one thing at a time. */
export interface ProofClaims {
  readonly htm: string
  readonly htu: string
  readonly nonce: string | undefined
  readonly iat?: number
  readonly jti?: string
  /** Changes of the header. */
  readonly header?: Readonly<Record<string, unknown>>
}

/** Test support: a device key, as a browser makes and uses it. */
export interface TestDeviceKey {
  readonly keyId: string
  readonly publicJwk: DeviceKeyJwk
  readonly privateKey: CryptoKey
  sign(claims: ProofClaims): Promise<string>
}

export async function createDeviceKey(): Promise<TestDeviceKey> {
  const { publicKey, privateKey } = await generateKeyPair('ES256')
  const { x = '', y = '' } = await exportJWK(publicKey)
  const publicJwk: DeviceKeyJwk = { kty: 'EC', crv: 'P-256', x, y }
  return {
    publicJwk,
    privateKey,
    keyId: await calculateJwkThumbprint(publicJwk),
    sign: ({ header, jti = crypto.randomUUID(), ...claims }) =>
      new SignJWT({ iat: Number.parseInt(claims.nonce ?? '0', 10), jti, ...claims })
        .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk: publicJwk, ...header })
        .sign(privateKey),
  }
}

/** A browser with a device key: proves each call with the nonce of the answer before it. */
export interface KeyedBrowser extends TestBrowser {
  readonly key: TestDeviceKey
  /** The nonce the server gave last. */
  nonce(): string | undefined
  prove(method: string, path: string, options?: CallOptions): Promise<Called>
}

export function withDeviceKey(url: string, browser: TestBrowser, key: TestDeviceKey): KeyedBrowser {
  let nonce: string | undefined
  const call: TestBrowser['call'] = async (method, path, options) => {
    const called = await browser.call(method, path, options)
    nonce = called.headers[DPOP_NONCE_HEADER.toLowerCase()]?.toString() ?? nonce
    return called
  }
  return {
    cookies: browser.cookies,
    key,
    call,
    nonce: () => nonce,
    async prove(method, path, { body, headers = {} } = {}) {
      const proof = await key.sign({ htm: method, htu: url + path, nonce })
      return call(method, path, { body, headers: { DPoP: proof, ...headers } })
    },
  }
}
