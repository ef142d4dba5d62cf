import { z } from 'zod'
import { consentReportSchema } from './consent.schema.ts'
import { findJsonFault } from './json.schema.ts'
import { MAX_EVENT_SEQ, MAX_PAYLOAD_DEPTH } from './limits.ts'

/** A type of one's own or one of the nine. */
export const eventTypeSchema = z.string().regex(/^[A-Z][A-Z0-9_]{0,63}$/)

/** ISO 8601 with an offset or `Z`. */
export const isoInstant = z.iso.datetime({ offset: true })

export const eventPayloadSchema = z.looseObject({}).superRefine((payload, context) => {
  const fault = findJsonFault(payload, MAX_PAYLOAD_DEPTH)
  if (fault) context.addIssue({ code: 'custom', ...fault })
})

/** One event of a batch, checked on its own so that a bad one never sinks the others. */
export const eventInputSchema = z.object({
  eventId: z.uuid().exactOptional(),
  seq: z.int().nonnegative().max(MAX_EVENT_SEQ).exactOptional(),
  eventType: eventTypeSchema,
  payload: eventPayloadSchema.exactOptional(),
  timestamp: isoInstant.exactOptional(),
})

/** The envelope of a batch; its events are left unparsed. */
export const eventBatchEnvelopeSchema = z.object({
  siteKey: z.string().max(128).exactOptional(),
  sessionId: z.uuid().exactOptional(),
  sentAt: isoInstant.exactOptional(),
  consent: consentReportSchema.exactOptional(),
  events: z.array(z.unknown()).min(1),
})
