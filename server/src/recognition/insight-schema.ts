import { z } from 'zod'
import { BOT_REASONS } from './bots.ts'
import { EXPLAIN_REASONS, type ExplainReason } from './explain.ts'

const share = z.number().min(0).max(1).nullable()
/** Lowest and highest, with 95 %. */
const between = z.tuple([z.number().min(0).max(1), z.number().min(0).max(1)]).nullable()
const percent = z.number().min(0).max(100)
const visitorId = z.string()

export const qualityQuery = z.object({
  /** Trials are kept for 30 days. */
  days: z.coerce.number().int().min(1).max(30).default(30),
})

const quality = z.object({
  trials: z.number(),
  returns: z.number(),
  firstVisits: z.number(),
  links: z.number(),
  precision: share,
  precisionBetween: between,
  precisionAtLeast: share,
  recall: share,
  recallBetween: between,
  falseMergesPer10k: z.number().nullable(),
  falseMergesPer10kAtMost: z.number().nullable(),
  ece: share,
  reliability: z.array(z.object({ answers: z.number(), claimed: z.number(), found: z.number() })),
})

export const qualityResponse = z.object({
  success: z.literal(true),
  window: z.object({ days: z.number(), from: z.string(), to: z.string() }),
  all: quality,
  families: z.array(quality.extend({ browserFamily: z.string() })),
  model: z.object({
    /** 0: the published weights. */
    version: z.number(),
    learnedSince: z.string().nullable(),
    lastTry: z
      .object({
        version: z.number(),
        state: z.enum(['live', 'refused', 'retired']),
        at: z.string(),
        report: z.record(z.string(), z.number()),
      })
      .nullable(),
  }),
  remarks: z.array(z.string()),
})

export const explainQuery = z
  .object({ visitorId: z.string().max(64).exactOptional(), sessionId: z.string().max(64).exactOptional() })
  .refine((query) => (query.visitorId === undefined) !== (query.sessionId === undefined), {
    path: ['visitorId'],
    message: 'Name either visitorId or sessionId.',
  })

const bits = z.number()
const candidate = z.object({
  visitorId,
  probability: z.number().min(0).max(1),
  groups: z.object({ device: bits, display: bits, locale: bits, software: bits, network: bits }),
  signals: z.array(z.object({ name: z.string(), state: z.enum(['changed', 'known', 'noise']) })),
})

export const explainResponse = z.object({
  success: z.literal(true),
  visitorId,
  isLinkable: z.boolean(),
  reasons: z.array(
    z.object({
      // The names are the keys of a closed list.
      code: z.enum(Object.keys(EXPLAIN_REASONS) as [ExplainReason, ...ExplainReason[]]),
      text: z.string(),
    }),
  ),
  bot: z.object({ isBot: z.boolean(), reasons: z.array(z.enum(BOT_REASONS).or(z.string())) }),
  thresholds: z.object({ confidence: percent, observationConfidence: percent, anonymitySet: z.number() }),
  profile: z
    .object({
      browserFamily: z.string(),
      osFamily: z.string(),
      screenClass: z.string(),
      observations: z.number(),
      firstSeenAt: z.string(),
      lastSeenAt: z.string(),
      holdsProof: z.boolean(),
    })
    .nullable(),
  decision: z
    .object({
      method: z.enum(['fingerprint_exact', 'fingerprint_similar', 'new', 'none']),
      visitorId: visitorId.nullable(),
      confidence: percent,
      observationConfidence: percent.nullable(),
      anonymitySet: z.number(),
      probabilityNew: z.number().min(0).max(1),
      candidates: z.number(),
      best: candidate.nullable(),
      runnerUp: candidate.nullable(),
      remarks: z.array(z.string()),
    })
    .nullable(),
  links: z.array(
    z.object({
      linkId: z.string(),
      visitorId,
      knownVisitorId: visitorId,
      method: z.string(),
      confidence: percent,
      observationConfidence: percent,
      anonymitySet: z.number(),
      createdAt: z.string(),
      undoneAt: z.string().nullable(),
      evidence: z
        .object({
          groups: z.record(z.string(), z.number()),
          runnerUp: z.object({ confidence: percent }).optional(),
        })
        .nullable(),
    }),
  ),
})
