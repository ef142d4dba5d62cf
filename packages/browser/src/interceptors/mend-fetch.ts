import { FINGERPRINT_HEADER, SESSION_HEADER } from '@helloagain/protocol'
import { effective } from './plan-request.ts'
import type { CarriedRequest, FailedRequest } from './policy-port.ts'

function isRepeatable(parts: CarriedRequest): boolean {
  const redirect = effective(parts, 'redirect') ?? 'follow'
  return (
    /^(GET|HEAD)$/i.test(`${effective(parts, 'method') ?? 'GET'}`) &&
    globalThis.navigator?.onLine !== false &&
    redirect === 'follow' &&
    effective(parts, 'mode') !== 'same-origin' &&
    !effective(parts, 'integrity') &&
    !(effective(parts, 'signal') as AbortSignal | null | undefined)?.aborted
  )
}

/** Undefined where the app's own headers need a preflight anyway: leaving ours out would not save that request. */
function withoutOurs({ headers, own, ours }: CarriedRequest): Headers | undefined {
  const mine = new Headers(ours)
  // https://fetch.spec.whatwg.org/#cors-safelisted-request-header, and ours that an axios or ky hook has set before.
  const isSimple = (name: string) =>
    /^(accept|accept-language|content-language|content-type|range)$/.test(name) ||
    own.get(name) === mine.get(name)
  if (![...own.keys()].every(isSimple)) return
  const bare = new Headers(headers)
  for (const name of [SESSION_HEADER, FINGERPRINT_HEADER]) if (mine.has(name)) bare.delete(name)
  return bare
}

/**
 * Sends a failed GET or HEAD once more without our session headers: it may have failed for them, at the preflight
 * of a redirect to another origin.
 *
 * @throws what the request failed with, where a second try would do harm or fail alike
 */
export function mendFetch({ carried, send, error }: FailedRequest): unknown {
  const headers = isRepeatable(carried) ? withoutOurs(carried) : undefined
  if (!headers) throw error
  return send([carried.input, { ...carried.init, headers }])
}
