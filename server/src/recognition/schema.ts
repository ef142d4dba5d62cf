import { RECOGNITION_METHODS } from '@helloagain/protocol'
import { z } from 'zod'
import { MERGE_METHOD, SPLIT_METHOD } from './graph-ports.ts'

// Not an id at all is the same 404 as one never issued.
export const visitorParams = z.object({ id: z.string().max(64) })

const percent = z.number().min(0).max(100)

const at = z.string()

const linkChange = z.object({
  what: z.enum(['made', 'undone']),
  at,
  /** Id of the secret key; `server` for what it does of its own accord. */
  by: z.string(),
  reason: z.string(),
})

const linkView = z.object({
  linkId: z.string(),
  visitorId: z.string(),
  knownVisitorId: z.string(),
  /** How it was found; `merge` for one made by hand, `split` for two that were held apart. */
  method: z.enum([...RECOGNITION_METHODS, MERGE_METHOD, SPLIT_METHOD]).or(z.string()),
  confidence: percent,
  observationConfidence: percent,
  anonymitySet: z.number(),
  createdAt: at,
  undoneAt: at.nullable(),
  undoneReason: z.string().nullable(),
  /** Bits by group of signals; negative speaks against. Null where no fingerprint was asked. */
  evidence: z
    .object({
      groups: z.record(z.string(), z.number()),
      runnerUp: z.object({ confidence: percent }).optional(),
    })
    .nullable(),
  /** Who made or undid it by hand, when and why. */
  changes: z.array(linkChange),
})

export const visitorResponse = z.object({
  success: z.literal(true),
  visitor: z.object({
    visitorId: z.string(),
    firstSeenAt: at,
    lastSeenAt: at,
    visits: z.number(),
    userId: z.string().nullable(),
    isBot: z.boolean(),
    botReasons: z.array(z.string()),
    /** Somebody said "not me" at its browser: below cookie and key it is named to nobody. */
    isShared: z.boolean(),
    /** How often a user arrived at this browser, and how many are logged in. */
    deviceEdges: z.object({ total: z.number(), open: z.number() }),
  }),
  /** Whom it is held to be, and how many visitors that person is. */
  person: z.object({ visitorId: z.string(), visitors: z.number() }),
  links: z.array(linkView),
})

const reason = z.string().trim().min(1).max(500)
// Not an id at all is the same 404 as one never issued.
const someVisitor = z.string().max(64)

export const mergeBody = z.object({ visitorId: someVisitor, reason })
export const mergeResponse = z.object({ success: z.literal(true), link: linkView })

export const splitBody = z
  .object({ linkId: z.string().max(64).exactOptional(), visitorId: someVisitor.exactOptional(), reason })
  .refine(({ linkId, visitorId }) => linkId === undefined || visitorId === undefined, {
    path: ['linkId'],
    message: 'Either a link or another visitor.',
  })
export const splitResponse = z.object({ success: z.literal(true), undone: z.array(linkView) })
