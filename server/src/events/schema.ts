import { z } from 'zod'

/** Events one page of a session's history may hold. */
const MAX_PAGE = 500

export const sessionEventsParams = z.object({
  sessionId: z
    .string()
    .regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i, 'Not a UUID.')
    .transform((id) => id.toLowerCase()),
})

export const sessionEventsQuery = z.object({
  limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(50),
  /** `nextBefore` of the last answer. */
  before: z.string().min(1).max(200).optional(),
})

export const sessionEventsResponse = z.object({
  success: z.literal(true),
  events: z.array(
    z.object({
      eventId: z.string(),
      eventType: z.string(),
      payload: z.record(z.string(), z.unknown()),
      timestamp: z.string(),
    }),
  ),
  /** Null on the last page. */
  nextBefore: z.string().nullable(),
})
