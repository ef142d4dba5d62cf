import { gunzipSync } from 'node:zlib'

/** One event of the bench as it came over the wire. */
export interface Arrival {
  readonly marker: string
  /** What a back end could tell copies apart by; undefined where the SDK sends nothing of the kind. */
  readonly id: string | undefined
}

/** Names an event of a cell, or what all of them begin with; letters between the digits, so that no scrubber takes it for a phone number. */
export const markerOf = (cell: number, n: number | ''): string => `cell${cell}event${n}`
const MARKER = /cell\d+event\d+/

type Json = Record<string, unknown>

function decode(body: Buffer): string {
  const isGzip = body[0] === 0x1f && body[1] === 0x8b
  const text = (isGzip ? gunzipSync(body) : body).toString()
  // A form, which Mixpanel's beacons do not say that they are.
  if (!text.startsWith('data=')) return text
  const data = new URLSearchParams(text).get('data') ?? ''
  return data.startsWith('{') || data.startsWith('[') ? data : Buffer.from(data, 'base64').toString()
}

/** The list in which Hello Again, Segment and PostHog, Snowplow put their events; else the body is one. */
function listEvents(body: unknown): readonly Json[] {
  if (Array.isArray(body)) return body as Json[]
  const { events, batch, data } = body as Json
  const list = [events, batch, data].find(Array.isArray)
  return (list ?? [body]) as readonly Json[]
}

/** Hello Again, PostHog, Segment, Snowplow, Mixpanel. */
function findId({ eventId, uuid, messageId, eid, properties }: Json): string | undefined {
  const insertId = (properties as Json | undefined)?.['$insert_id']
  return [eventId, uuid, messageId, eid, insertId].find((id): id is string => typeof id === 'string')
}

/** The bench's events in the body of a request, whatever SDK sent it; none where there is none. */
export function readEvents(body: Buffer): Arrival[] {
  if (body.length === 0) return []
  let parsed: unknown
  try {
    parsed = JSON.parse(decode(body))
  } catch {
    return []
  }
  if (typeof parsed !== 'object' || parsed === null) return []
  return listEvents(parsed).flatMap((event) => {
    const marker = MARKER.exec(JSON.stringify(event))?.[0]
    return marker === undefined ? [] : [{ marker, id: findId(event) }]
  })
}
