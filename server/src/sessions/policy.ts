import {
  type ConsentMode,
  type ConsentReport,
  consentMode,
  MAX_PROFILE_FIELDS,
  PROFILE_FIELDS,
  type ProfileValue,
  type UserData,
  VISIT_GAP_MS,
} from '@helloagain/protocol'
import type { RequestContext } from '../platform/http/context.ts'
import { Problem } from '../platform/http/problem.ts'
import type { Session } from './ports.ts'

/**
 * Words that mark a field whose value is never kept: credentials, cards, bank and state numbers. Looked for in the parts of
 * a name (`card_number`, `newPassword`), and `otp` in one piece, so that `shipping` or `companion` pass.
 */
const FORBIDDEN_WORDS = new Set(
  'password passwd passphrase passcode pwd pass secret token card cardnumber creditcard pan cc ccnumber cvv cvc csc iban bic swift ssn sin otp totp mfa pin tan puk tin taxid'.split(
    ' ',
  ),
)

const wordsOf = (name: string) =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[_\d]+/)
    .filter(Boolean)

/** Whether a profile field's name promises a credential or a number nobody should keep. */
export function isForbiddenField(name: string): boolean {
  const words = wordsOf(name)
  return words.some((word) => FORBIDDEN_WORDS.has(word)) || FORBIDDEN_WORDS.has(words.join(''))
}

/** @throws Problem `profile.field_forbidden`, `profile.too_many_fields` */
export function checkProfile(fields: Readonly<Record<string, ProfileValue>>, known: UserData): void {
  const forbidden = Object.keys(fields).filter(isForbiddenField)
  if (forbidden.length > 0) {
    const issues = forbidden.map((path) => ({ path, message: 'Not a profile field.' }))
    throw new Problem('profile.field_forbidden', { issues })
  }
  if (new Set([...Object.keys(known), ...Object.keys(fields)]).size > MAX_PROFILE_FIELDS) {
    throw new Problem('profile.too_many_fields')
  }
}

/** 0–100: the share of the documents' profile fields that is known. */
export function profileCompletion(userData: UserData): number {
  const known = PROFILE_FIELDS.filter((field) => userData[field] !== undefined && userData[field] !== '')
  return Math.round((100 * known.length) / PROFILE_FIELDS.length)
}

export const isVisitOver = (lastAtMs: number, atMs: number): boolean => atMs - lastAtMs > VISIT_GAP_MS

export const isExpired = ({ expiresAtMs }: Pick<Session, 'expiresAtMs'>, atMs: number): boolean =>
  expiresAtMs <= atMs

/**
 * Since when what the visitor told may be handed to this session: back through its sessions as long as each began
 * before the one before had expired. What was told before such a gap is not prefilled (SECURITY.md S3).
 */
export function prefillSinceMs(sessions: readonly Session[], session: Session): number {
  const older = sessions
    .filter(({ id, createdAtMs }) => id !== session.id && createdAtMs <= session.createdAtMs)
    .sort((left, right) => right.createdAtMs - left.createdAtMs)
  let sinceMs = session.createdAtMs
  for (const { createdAtMs, expiresAtMs } of older) {
    if (expiresAtMs <= sinceMs) continue
    sinceMs = createdAtMs
  }
  return sinceMs
}

/**
 * A key whose visitor was not seen for longer opens nothing: thirteen months, as long as a cookie may live (CNIL,
 * exemption for audience measurement, 2025-07-04).
 */
export const DEVICE_KEY_REST_MS = 395 * 86_400_000

/** SECURITY.md S3: what was told longer than this before the next visit is not prefilled. */
export const MAX_PREFILL_PAUSE_MS = 30 * 86_400_000

/** When a visit began and when it last saw activity. */
export interface VisitSpan {
  readonly startedAtMs: number
  readonly lastAtMs: number
}

/**
 * Since when the visitor has come by without a pause of more than 30 days, up to this moment; where sessions live no
 * longer than that, `prefillSinceMs` comes to it by itself.
 *
 * @param visits newest first
 */
export function presentSinceMs(visits: readonly VisitSpan[], atMs: number): number {
  let sinceMs = atMs
  for (const { startedAtMs, lastAtMs } of visits) {
    if (sinceMs - lastAtMs > MAX_PREFILL_PAUSE_MS) break
    sinceMs = Math.min(sinceMs, startedAtMs)
  }
  return sinceMs
}

/** The report of a request, with the opt-out signals of its headers: a client cannot leave them out. */
export function completeReport(report: ConsentReport | undefined, context: RequestContext): ConsentReport {
  const sent: ConsentReport = report ?? { choice: 'unset' }
  return { ...sent, optOutSignal: sent.optOutSignal === true || context.hasOptOutSignal }
}

/** What a request's consent comes to on its site. */
export function modeOf(report: ConsentReport | undefined, context: RequestContext): ConsentMode {
  return consentMode(completeReport(report, context), context.site)
}
