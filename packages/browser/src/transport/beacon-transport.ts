import { quietly } from '../platform/quietly.ts'

export interface BeaconOptions {
  fetch: typeof fetch
  navigator: { sendBeacon?(url: string, data: Blob): boolean }
  url: string
  /** False where no cookie may travel; a beacon always carries them. */
  hasCookies: boolean
}

/**
 * Hands a text to the browser to be sent even if the page goes away.
 *
 * `text/plain` keeps the request CORS-simple: a preflight cannot finish while the page is torn down
 * (posthog-js #4139). `sendBeacon` says at once when its quota is used up; then, and where blockers took
 * it away, `fetch` with `keepalive` tries.
 *
 * @returns false, or a promise of false, where the browser did not take it
 */
export function sendBeacon(
  text: string,
  { fetch, navigator, url, hasCookies }: BeaconOptions,
): boolean | Promise<boolean> {
  const body = new Blob([text], { type: 'text/plain;charset=UTF-8' })
  // Quietly, because some blockers replace it by a function that throws.
  if (hasCookies && quietly(() => navigator.sendBeacon?.(url, body))) return true
  const credentials = hasCookies ? 'include' : 'omit'
  const sent = quietly(() =>
    fetch.call(globalThis, url, { method: 'POST', body, keepalive: true, credentials }),
  )
  return !!sent && sent.then(({ ok }) => ok).catch(() => false)
}
