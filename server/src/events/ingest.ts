import type { IncomingMessage, ServerResponse } from 'node:http'
import { consentMode, type EventsAnswer, REQUEST_ID_HEADER } from '@helloagain/protocol'
import type { Cors } from '../gateway/cors.ts'
import type { Limits } from '../gateway/limits.ts'
import type { ReadContext } from '../gateway/read-context.ts'
import { respondFailure } from '../gateway/respond.ts'
import type { ReadClientAddress } from '../platform/http/client-address.ts'
import type { RequestContext } from '../platform/http/context.ts'
import { maskPath } from '../platform/http/mask-path.ts'
import { Problem } from '../platform/http/problem.ts'
import { readJson } from '../platform/http/read-json.ts'
import { readRequestId } from '../platform/http/request-id.ts'
import type { Log } from '../platform/log.ts'
import type { Sessions } from '../sessions/ports.ts'
import { createDoor, type Door } from './door.ts'
import { type Envelope, parseEnvelope, peekSiteKey } from './parse-envelope.ts'
import type { Events, Ingested } from './ports.ts'

export interface IngestParts {
  readonly readContext: ReadContext
  readonly readAddress: ReadClientAddress
  readonly cors: Cors
  readonly limits: Limits
  readonly sessions: Pick<Sessions, 'openForEvents'>
  readonly events: Events
  readonly log: Log
  /** Set on every answer, beside what this lane always sets: what helmet sets for the rest of the server. */
  readonly headers?: Readonly<Record<string, string>>
}

export type Ingest = (request: IncomingMessage, response: ServerResponse) => Promise<void>

type Headers = Readonly<Record<string, string>>

interface Lane extends IngestParts {
  readonly door: Door
}

/** One request on its way through the lane. */
interface Passage {
  readonly request: IncomingMessage
  readonly requestId: string
  /** Names and values in turn. Filled as the request goes along, so that a refusal carries what was known by then. */
  readonly headers: string[]
}

/** As a list, which `writeHead` takes as it is: an object of sixteen headers is built and read slower than it is sent. */
function push(list: string[], headers: Headers): void {
  for (const name of Object.keys(headers)) list.push(name, headers[name] ?? '')
}

// What helmet sets that means something for JSON. CORP: the answer of a beacon may reach the page it came from.
const SAFE_HEADERS: Headers = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Cross-Origin-Resource-Policy': 'cross-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
}
const ALLOWS_TEXT = { allowsText: true }
const PATH = /^\/api\/events\/?(?:\?|$)/

/** Whether the ingest lane, not the Express stack, answers this request. */
export const isIngest = ({ method, url }: IncomingMessage): boolean =>
  method === 'POST' && url !== undefined && PATH.test(url)

async function establish(parts: IngestParts, passage: Passage, siteKey?: string): Promise<RequestContext> {
  const { request, requestId, headers } = passage
  const context = await parts.readContext(request, {
    requestId,
    siteKey,
    onSite: async ({ id }) => push(headers, await parts.cors.check(request, id)),
  })
  const { credential } = context
  if (credential.kind === 'secret_key' && !credential.scopes.includes('events:write')) {
    throw new Problem('keys.scope_missing')
  }
  return context
}

/**
 * Context and body. Where a header names the site, strangers are turned away before their body is read;
 * beacons cannot set headers, and name it in the body.
 */
async function readBody(parts: IngestParts, passage: Passage) {
  const { request } = passage
  if (request.headers['x-site-key'] !== undefined) {
    const context = await establish(parts, passage)
    return { context, body: await readJson(request, ALLOWS_TEXT) }
  }
  let refusal: unknown
  const body = await readJson(request, ALLOWS_TEXT).catch((error: unknown) => {
    refusal = error
  })
  const context = await establish(parts, passage, peekSiteKey(body))
  if (refusal !== undefined) throw refusal
  return { context, body }
}

function join(first: Headers, second: Headers): Headers {
  const joined: Record<string, string> = {}
  for (const name of Object.keys(first)) joined[name] = `${first[name]}, ${second[name]}`
  return joined
}

/** The first point, before a body is read: what is not taken in the end is not free either. Then the door. */
async function enter(lane: Lane, passage: Passage) {
  const source = lane.readAddress(passage.request).limitKey
  try {
    const charged = await lane.limits.take('events_address', source)
    return { source, charged, leave: lane.door.enter(source, passage.request.headers['content-length']) }
  } catch (refusal) {
    // For its CORS headers: the page must be able to read when to come back.
    await establish(lane, passage).catch(() => undefined)
    throw refusal
  }
}

async function takeLimits(
  { limits }: IngestParts,
  context: RequestContext,
  { sessionId, points, charged }: { sessionId: string | undefined; points: number; charged: Headers },
): Promise<Headers> {
  const ofAddress =
    points > 1 ? await limits.take('events_address', context.address.limitKey, points - 1) : charged
  if (sessionId === undefined) return ofAddress
  return join(await limits.take('events_session', `${context.site.id}\n${sessionId}`, points), ofAddress)
}

function modeOf({ consent }: Envelope, { hasOptOutSignal, site }: RequestContext) {
  const report = consent ?? { choice: 'unset' as const }
  return consentMode({ ...report, optOutSignal: hasOptOutSignal || report.optOutSignal === true }, site)
}

const toAnswer = (sessionId: string | null, { accepted, duplicates, rejected }: Ingested): EventsAnswer => ({
  success: true,
  sessionId,
  accepted,
  duplicates,
  rejected: rejected.map(({ index, code, message }) => ({ index, code, message })),
})

/**
 * What stands for the id of a page that keeps none (cookieless mode only): its network and browser. The sessions
 * room turns it into an id of the day, whose salt is dropped at midnight; it is stored nowhere.
 */
const idOfTheDay = ({ address, request }: RequestContext) =>
  `${address.prefix}\n${request.headers['user-agent'] ?? ''}`

/** A single event at fault is a request at fault; in a batch the others go on. */
function refuseSingle({ isBatch }: Envelope, { rejected: [refused] }: Pick<Ingested, 'rejected'>): void {
  if (!isBatch && refused) throw new Problem(refused.code, { issues: [refused.issue] })
}

interface Entry {
  readonly source: string
  /** The headers of the first point. */
  readonly charged: Headers
}

async function take(parts: IngestParts, passage: Passage, { source, charged }: Entry): Promise<EventsAnswer> {
  const { events, sessions } = parts
  const { context, body } = await readBody(parts, passage)
  const envelope = parseEnvelope(body)
  const sessionId = context.sessionId ?? envelope.sessionId
  const mode = modeOf(envelope, context)
  if (mode === 'off') throw new Problem('session.consent_denied')
  if (sessionId === undefined && mode !== 'cookieless') throw new Problem('session.id_missing')
  const points = envelope.events.length
  push(passage.headers, await takeLimits(parts, context, { sessionId, points, charged }))
  const arrival = { receivedAtMs: context.nowMs, sentAtMs: envelope.sentAtMs, source }
  const checked = events.check(envelope.events, arrival)
  refuseSingle(envelope, checked)
  const nothing = toAnswer(sessionId ?? null, { accepted: 0, duplicates: 0, rejected: checked.rejected })
  if (!events.isEnabled) return { ...nothing, tracking: 'disabled' }
  // A session is opened for something that is stored, or not at all.
  if (checked.drafts.length === 0) return nothing
  const { session, isProven, setCookie } = await sessions.openForEvents(
    context,
    sessionId ?? idOfTheDay(context),
    mode,
  )
  if (session.mode === 'off') throw new Problem('session.consent_denied')
  const isFromDevice = isProven && context.credential.kind !== 'secret_key'
  const ingested = await events.store(session, checked, { ...arrival, isProven, isFromDevice })
  refuseSingle(envelope, ingested)
  if (setCookie !== undefined) passage.headers.push('Set-Cookie', setCookie)
  return toAnswer(sessionId ?? null, ingested)
}

/**
 * Answers `POST /api/events` with plain `node:http`, before the Express stack, under the same contract: request
 * id, CORS, context, limits, body, envelope. 202 only after COMMIT. Never rejects.
 */
export function createIngest(parts: IngestParts): Ingest {
  const { log } = parts
  const lane: Lane = { ...parts, door: createDoor() }
  const base: string[] = []
  push(base, { ...SAFE_HEADERS, ...parts.headers })

  function fail(passage: Passage, response: ServerResponse, error: unknown): void {
    const { request, requestId, headers } = passage
    // The rest of a body that nobody reads would hold the connection, or be taken for the next request.
    if (!request.complete) headers.push('Connection', 'close')
    for (let at = 0; at < headers.length; at += 2)
      response.setHeader(headers[at] ?? '', headers[at + 1] ?? '')
    respondFailure(response, { error, requestId, path: request.url ?? '/' }, log)
  }

  async function pass(passage: Passage): Promise<EventsAnswer> {
    const { source, charged, leave } = await enter(lane, passage)
    try {
      return await take(lane, passage, { source, charged })
    } finally {
      leave()
    }
  }

  return async (request, response) => {
    const requestId = readRequestId(request)
    const headers = [...base, REQUEST_ID_HEADER, requestId]
    const passage: Passage = { request, requestId, headers }
    try {
      // As text, not bytes: Node then sends head and body in one write.
      const answer = JSON.stringify(await pass(passage))
      headers.push('Content-Type', 'application/json; charset=utf-8')
      headers.push('Content-Length', String(Buffer.byteLength(answer)))
      response.writeHead(202, headers).end(answer)
    } catch (error) {
      fail(passage, response, error)
    }
    if (!log.isLevelEnabled('debug')) return
    const line = { requestId, method: 'POST', path: maskPath(request.url ?? '/') }
    log.debug({ ...line, status: response.statusCode }, 'answered')
  }
}
