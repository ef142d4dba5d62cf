const LONGEST_WAIT_MS = 3_600_000

/**
 * Milliseconds a `Retry-After` header asks for, an hour at most; undefined where it says nothing.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3 seconds or an HTTP date
 */
export function parseRetryAfter(header: string | null | undefined, nowMs: number): number | undefined {
  if (!header) return undefined
  const waitMs = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - nowMs
  return Number.isFinite(waitMs) ? Math.min(Math.max(waitMs, 0), LONGEST_WAIT_MS) : undefined
}
