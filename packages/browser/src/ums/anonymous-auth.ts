import type { AnonymousAuthAnswer, AnonymousAuthRequest, ConsentChoice } from '@helloagain/protocol'
import { SITE_KEY_HEADER } from '@helloagain/protocol'
import { explainSignals } from '@helloagain/recognition'
import { createConsent, hasOptOutSignal } from '../consent/consent.ts'
import { createWebStorage } from '../persistence/web-storage.ts'
import { type Observation, observeFingerprint } from '../probes.ts'
import { SdkError } from '../sdk-error.ts'
import { forgetDeviceId, keepDeviceId } from './device-id.ts'

export interface UmsOptions {
  /** Address of the server. @default the origin the script came from */
  endpoint?: string
  /** Publishable key `pk_…`. @default the tag's `data-site-key`, else the server's site `default` */
  siteKey?: string
  /**
   * What the person said on this site. By calling the function a site says that it may recognise; Global Privacy
   * Control, Do Not Track and a refusal given to the SDK still outrank it. @default 'granted'
   */
  consent?: ConsentChoice
  /** Milliseconds the probes may take, 0–5000. @default 300 */
  timeBoundMs?: number
  /** Milliseconds to wait for the server. @default 10000 */
  timeoutMs?: number
  /** Prefix of the keys in localStorage. @default 'helloagain_session_id' */
  storageKey?: string
}

/** What document 000 calls a fingerprint. */
export interface UmsFingerprint {
  /** 32 lower-case hex digits, salted with the page's origin; the server makes its own from the signals. */
  fingerprint: string
  /** 0–100. */
  fingerprint_confidence: number
  raw_fingerprint_data: Record<string, unknown>
}

/** The global `UMSEnhanced`. */
export interface UmsEnhanced {
  /**
   * Recognises the visitor, or makes a new anonymous one.
   *
   * @throws SdkError 'request.failed' when the server is down or refuses; 'consent.denied' when the person refused;
   * 'config.secret_key' for a secret key
   * @example const { recognition_method } = await UMSEnhanced.initializeEnhancedAnonymousAuth()
   */
  initializeEnhancedAnonymousAuth(options?: UmsOptions): Promise<AnonymousAuthAnswer>
  /** The browser's fingerprint; null where consent or an opt-out signal forbids looking. */
  generateFingerprint(options?: UmsOptions): Promise<UmsFingerprint | null>
}

/** Makes the global over a page; the defaults come from the script's tag. Reads nothing before it is called. */
export function createUmsEnhanced(page: Window & typeof globalThis, defaults: UmsOptions): UmsEnhanced {
  const store = createWebStorage(() => page.localStorage)
  const fill = (options: UmsOptions) => ({
    endpoint: page.location.origin,
    consent: 'granted' as const,
    timeBoundMs: 300,
    timeoutMs: 10_000,
    storageKey: 'helloagain_session_id',
    ...defaults,
    ...options,
  })
  type Settings = ReturnType<typeof fill>

  const readMode = ({ consent, storageKey }: Settings) =>
    createConsent({
      given: { choice: consent },
      isOptedOut: hasOptOutSignal(page.navigator),
      store,
      key: `${storageKey}_consent`,
    }).mode()

  const observe = ({ timeBoundMs }: Settings) =>
    observeFingerprint({ salt: page.location.origin, timeBoundMs })

  async function prepare(
    settings: Settings,
  ): Promise<{ body: AnonymousAuthRequest; credentials: RequestCredentials }> {
    const mode = readMode(settings)
    if (mode !== 'recognition') forgetDeviceId(store, settings.storageKey)
    if (mode === 'off')
      throw new SdkError('consent.denied', 'The person refused to be recognised on this site.')
    const newId = () => createDeviceId(page.crypto)
    // Nothing observed, kept or sent along: the id lives as long as this call.
    if (mode === 'cookieless') return { body: { device_id: newId() }, credentials: 'omit' }
    const body = {
      device_id: keepDeviceId(store, settings.storageKey, newId),
      raw_fingerprint_data: toRawData(await observe(settings)),
    }
    return { body, credentials: 'include' }
  }

  return {
    async initializeEnhancedAnonymousAuth(options = {}) {
      const settings = fill(options)
      if (settings.siteKey?.startsWith('sk_')) {
        throw new SdkError(
          'config.secret_key',
          'This is a secret key. It is public now: revoke it, and use pk_….',
        )
      }
      const { body, credentials } = await prepare(settings)
      return post(page, settings, { body, credentials })
    },
    async generateFingerprint(options = {}) {
      const settings = fill(options)
      if (readMode(settings) !== 'recognition') return null
      const observation = await observe(settings)
      return {
        fingerprint: observation.hash,
        fingerprint_confidence: explainSignals(observation.signals, observation).confidence,
        raw_fingerprint_data: toRawData(observation),
      }
    },
  }
}

/** Normalised signals by name, with the noisy ones named; the server reads hash and confidence from them. */
function toRawData({ signals, unstable }: Observation): Record<string, unknown> {
  return { ...signals, ...(unstable && { unstable }) }
}

/** 128 random bits; `crypto.randomUUID` is missing on plain http. */
function createDeviceId(crypto: Crypto): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

async function post(
  page: Window & typeof globalThis,
  { endpoint, siteKey, timeoutMs }: { endpoint: string; siteKey?: string; timeoutMs: number },
  { body, credentials }: { body: AnonymousAuthRequest; credentials: RequestCredentials },
): Promise<AnonymousAuthAnswer> {
  const controller = new AbortController()
  const timer = page.setTimeout(() => controller.abort(), timeoutMs)
  try {
    const response = await page.fetch(`${endpoint.replace(/\/+$/, '')}/api/auth/anonymous`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...(siteKey && { [SITE_KEY_HEADER]: siteKey }) },
      body: JSON.stringify(body),
      credentials,
      signal: controller.signal,
    })
    const answer: unknown = await response.json().catch(() => undefined)
    if (response.ok && isAnswer(answer)) return answer
    throw refusal(response.status, answer)
  } catch (cause) {
    if (cause instanceof SdkError) throw cause
    const reason = controller.signal.aborted ? `gave no answer within ${timeoutMs} ms` : 'cannot be reached'
    throw new SdkError('request.failed', `The server ${endpoint} ${reason}.`, { cause, status: 0 })
  } finally {
    page.clearTimeout(timer)
  }
}

const isAnswer = (answer: unknown): answer is AnonymousAuthAnswer =>
  typeof answer === 'object' &&
  answer !== null &&
  'success' in answer &&
  answer.success === true &&
  'user_id' in answer

function refusal(status: number, answer: unknown): SdkError {
  const { code, message } =
    (answer as { error?: { code?: string; message?: string } } | undefined)?.error ?? {}
  const text = message ?? 'no answer of Hello Again'
  return new SdkError('request.failed', `The server refused (${status}): ${text}`, { status, refusal: code })
}
