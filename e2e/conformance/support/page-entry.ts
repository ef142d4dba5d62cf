// Bundled and loaded into the pages under test: the interceptors' sources, and the clients they are used with.
import axios from 'axios'
import ky from 'ky'
import { interceptAxios } from '../../../packages/browser/src/interceptors/axios.ts'
import { setCurrentPolicy } from '../../../packages/browser/src/interceptors/current-policy.ts'
import { interceptFetch } from '../../../packages/browser/src/interceptors/fetch.ts'
import {
  createHeaderPolicy,
  type HeaderPolicyOptions,
} from '../../../packages/browser/src/interceptors/header-policy.ts'
import { kyHooks } from '../../../packages/browser/src/interceptors/ky.ts'
import { unwrapped } from '../../../packages/browser/src/interceptors/layer.ts'
import { interceptXhr } from '../../../packages/browser/src/interceptors/xhr.ts'

/** What a test sets in the page; the policy reads it at every call. */
const identity: { sessionId?: string; fingerprint?: string; accessToken?: string } = {}
const takenIn: string[] = []
const warnings: [string, string][] = []

function createPolicy(options: Partial<HeaderPolicyOptions> = {}) {
  return createHeaderPolicy({
    sessionId: () => identity.sessionId,
    fingerprint: () => identity.fingerprint,
    accessToken: () => identity.accessToken,
    onServerFingerprint: (fingerprint) => takenIn.push(fingerprint),
    onWarning: (warning, address) => warnings.push([warning, address]),
    ...options,
  })
}

const exposed = {
  axios,
  ky,
  identity,
  takenIn,
  warnings,
  createPolicy,
  interceptFetch,
  interceptXhr,
  interceptAxios,
  kyHooks,
  setCurrentPolicy,
  unwrapped,
  nativeFetch: globalThis.fetch,
}

export type Conformance = typeof exposed

declare global {
  var conformance: Conformance
}

globalThis.conformance = exposed
