import { type ConsentReport, MAX_BATCH_EVENTS } from '@helloagain/protocol'
import { consentReportSchema } from '@helloagain/protocol/schemas'
import { toIssues } from '../platform/http/issues.ts'
import { Problem } from '../platform/http/problem.ts'
import { isUuid } from '../platform/ids.ts'
import { parseInstant } from './check-event.ts'

/** A body of `POST /api/events` whose envelope is sound; its events are not judged yet. */
export interface Envelope {
  readonly isBatch: boolean
  readonly events: readonly unknown[]
  readonly siteKey: string | undefined
  readonly sessionId: string | undefined
  readonly sentAtMs: number | null
  readonly consent: ConsentReport | undefined
}

const MAX_KEY_LENGTH = 128

const malformed = (path: string, message: string) =>
  new Problem('request.invalid', { issues: [{ path, message }] })

function readSiteKey(siteKey: unknown): string | undefined {
  if (siteKey === undefined) return undefined
  if (typeof siteKey === 'string' && siteKey.length <= MAX_KEY_LENGTH) return siteKey
  throw malformed('siteKey', 'Not a publishable key.')
}

function readSessionId(sessionId: unknown): string | undefined {
  if (sessionId === undefined) return undefined
  if (typeof sessionId === 'string' && isUuid(sessionId)) return sessionId.toLowerCase()
  throw new Problem('session.id_invalid', { issues: [{ path: 'sessionId', message: 'Not a UUID.' }] })
}

function readSentAt(sentAt: unknown): number | null {
  if (sentAt === undefined) return null
  const ms = parseInstant(sentAt)
  if (ms === undefined) throw malformed('sentAt', 'Not an ISO 8601 time.')
  return ms
}

function readConsent(consent: unknown): ConsentReport | undefined {
  if (consent === undefined) return undefined
  const parsed = consentReportSchema.safeParse(consent)
  if (!parsed.success) throw new Problem('request.invalid', { issues: toIssues(parsed.error, 'consent') })
  return parsed.data
}

function readEvents(events: unknown): readonly unknown[] {
  if (!Array.isArray(events)) throw malformed('events', 'Not an array.')
  if (events.length === 0) throw malformed('events', 'Holds no event.')
  if (events.length > MAX_BATCH_EVENTS) throw new Problem('event.too_many', { issues: tooManyIssues(events) })
  return events
}

const tooManyIssues = ({ length }: readonly unknown[]) => [
  { path: 'events', message: `${length} events; ${MAX_BATCH_EVENTS} at most.` },
]

interface Given {
  readonly events?: unknown
  readonly siteKey?: unknown
  readonly sessionId?: unknown
  readonly sentAt?: unknown
  readonly consent?: unknown
}

function asObject(body: unknown): Given {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw malformed('', 'Not a JSON object: send one event, or { "events": […] }.')
  }
  if (Object.hasOwn(body, '__proto__')) throw malformed('__proto__', 'The key __proto__ is not taken.')
  return body
}

/**
 * Reads one event or a batch of them; written by hand because every request passes here, and tested against the
 * schema. Fields of the envelope may stand beside the fields of a single event.
 *
 * @throws Problem `request.invalid`, `session.id_invalid`, `event.too_many`
 */
export function parseEnvelope(body: unknown): Envelope {
  const given = asObject(body)
  const { events, siteKey, sessionId, sentAt, consent } = given
  const isBatch = Object.hasOwn(given, 'events')
  return {
    isBatch,
    events: isBatch ? readEvents(events) : [given],
    siteKey: readSiteKey(siteKey),
    sessionId: readSessionId(sessionId),
    sentAtMs: readSentAt(sentAt),
    consent: readConsent(consent),
  }
}

/** The key of a beacon, wherever the rest of the body goes wrong: it names the site whose rules answer. */
export function peekSiteKey(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null) return undefined
  const { siteKey } = body as { siteKey?: unknown }
  return typeof siteKey === 'string' && siteKey !== '' && siteKey.length <= MAX_KEY_LENGTH
    ? siteKey
    : undefined
}
