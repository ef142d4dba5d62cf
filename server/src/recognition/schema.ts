import { RECOGNITION_METHODS } from '@helloagain/protocol'
import { z } from 'zod'

// Not an id at all is the same 404 as one never issued.
export const visitorParams = z.object({ id: z.string().max(64) })

const percent = z.number().min(0).max(100)

export const visitorResponse = z.object({
  success: z.literal(true),
  visitor: z.object({
    visitorId: z.string(),
    firstSeenAt: z.string(),
    lastSeenAt: z.string(),
    visits: z.number(),
    userId: z.string().nullable(),
  }),
  links: z.array(
    z.object({
      linkId: z.string(),
      visitorId: z.string(),
      knownVisitorId: z.string(),
      method: z.enum(RECOGNITION_METHODS).or(z.string()),
      confidence: percent,
      observationConfidence: percent,
      anonymitySet: z.number(),
      createdAt: z.string(),
      undoneAt: z.string().nullable(),
    }),
  ),
})
