import { newId } from '../../../../server/src/platform/ids.ts'

const PAYLOAD = JSON.stringify({ page: '/products/monstera', content: 'add-to-basket', quantity: 1 })

export interface Owner {
  readonly siteId: string
  readonly sessionId: string
  readonly visitorId: string
  readonly visitId: string
}

export const newOwner = (): Owner => ({
  siteId: newId(),
  sessionId: newId(),
  visitorId: newId(),
  visitId: newId(),
})

/** The row that `sendsEvents` of visitor.ts becomes, by the names of the table's columns. */
export const sampleRow = (owner: Owner, atMs: number, eventId = newId()) => ({
  site_id: owner.siteId,
  event_id: eventId,
  session_id: owner.sessionId,
  visitor_id: owner.visitorId,
  visit_id: owner.visitId,
  event_type: 'CONTENT_CLICK',
  payload: PAYLOAD,
  seq: 1,
  timestamp_ms: atMs,
  client_timestamp_ms: atMs,
  sent_at_ms: atMs,
  received_at_ms: atMs,
  is_proven: 1,
  partition_ms: atMs,
})

export type SampleRow = ReturnType<typeof sampleRow>
