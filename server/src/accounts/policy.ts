const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** SECURITY.md R38: 5–15 minutes. */
export const ACCESS_TOKEN_SECONDS = 600
/** Tokens of anonymous visitors open nothing but the visitor's own journey. */
export const ANONYMOUS_TOKEN_SECONDS = 86_400
/** A login session that is not used for this long is over (SECURITY.md R27). */
export const REFRESH_IDLE_MS = 30 * DAY_MS
/** However often it is used, a login session is over after this (SECURITY.md R37). */
export const REFRESH_ABSOLUTE_MS = 90 * DAY_MS
/** Two tabs, or a lost answer, may send the same token twice (SECURITY.md R36). */
export const REFRESH_GRACE_MS = 10_000
/** A sign-up repeated within this time in the same session, with the same answers, is the same sign-up. */
export const SIGNUP_REPEAT_MS = 10 * MINUTE_MS

/** Names and addresses are compared in this form: one spelling for look-alikes of one character (UAX #15). */
export const nameKey = (text: string): string => text.normalize('NFKC').toLowerCase()

const FREE_FAILURES = 5
const MAX_DELAY_MS = 15 * MINUTE_MS

/** Failures older than this are forgotten. */
export const FAILURE_MEMORY_MS = DAY_MS

/**
 * How long to wait after so many failures in a row: nothing for the first five, then 1 s, doubling up to 15 minutes.
 * That leaves a guesser under 100 tries a day (NIST SP 800-63B-4 §3.2.2) and locks nobody out for good.
 */
export function loginDelayMs(failures: number): number {
  if (failures < FREE_FAILURES) return 0
  return Math.min(MAX_DELAY_MS, 1000 * 2 ** Math.min(failures - FREE_FAILURES, 20))
}
