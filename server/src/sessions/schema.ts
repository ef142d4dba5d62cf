import { RECOGNITION_METHODS, UserJourneyStage, UserType } from '@helloagain/protocol'
import { findJsonFault, progressNameSchema } from '@helloagain/protocol/schemas'
import { z } from 'zod'

// The handler says what is wrong with it: 400 session.id_invalid.
export const sessionParams = z.object({ sessionId: z.string().max(64) })
export const progressParams = sessionParams.extend({ name: progressNameSchema })

const MAX_PROGRESS_DEPTH = 16

/** Any JSON value; its size is the service's to judge (413, not 400). */
export const progressBody = z
  .object({ state: z.unknown() })
  .refine((body) => Object.hasOwn(body, 'state'), { path: ['state'], message: 'Required.' })
  .superRefine(({ state }, context) => {
    const fault = findJsonFault(state, MAX_PROGRESS_DEPTH)
    if (fault) context.addIssue({ code: 'custom', path: ['state', ...fault.path], message: fault.message })
  })

const ok = z.literal(true)
const userData = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).optional())
const mode = z.enum(['cookieless', 'off', 'recognition'])
const userType = z.enum(UserType)
const stage = z.enum(UserJourneyStage)

const sessionView = z.object({
  sessionId: z.string(),
  userId: z.string().nullable(),
  userData: userData.nullable(),
  lastSeen: z.string().nullable(),
  metadata: z.record(z.string(), z.unknown()),
})

const journey = z.object({
  user_type: userType,
  journey_stage: stage,
  first_visit_at: z.string(),
  progression_history: z.array(
    z.object({
      from_type: userType.nullable(),
      to_type: userType,
      from_stage: stage.nullable(),
      to_stage: stage,
      changed_at: z.string(),
    }),
  ),
})

export const sessionResponse = z.object({
  success: ok,
  session: sessionView,
  restricted: z.boolean(),
  previousSessionId: z.string().optional(),
  deviceKeyId: z.string().optional(),
  visitor: z
    .object({
      visitorId: z.string(),
      firstSeenAt: z.string(),
      lastSeenAt: z.string(),
      visits: z.number(),
    })
    .optional(),
  recognition: z.object({
    method: z.enum(RECOGNITION_METHODS),
    isReturning: z.boolean(),
    confidence: z.number().optional(),
    anonymitySet: z.number().optional(),
  }),
  journey: journey.optional(),
  consent: z.object({ mode }),
  site: z.object({
    fingerprintSalt: z.string(),
    unsetMode: z.enum(['cookieless', 'recognition']),
    sessionTtlSeconds: z.number(),
  }),
})

export const sessionUserResponse = z.object({ success: ok, session: sessionView, restricted: z.boolean() })

export const profileResponse = z.object({ success: ok, userData, completion: z.number() })

export const progressResponse = z.object({
  success: ok,
  progress: z.object({ name: z.string(), state: z.unknown(), updatedAt: z.string() }).nullable(),
})

export const eraseResponse = z.object({
  success: ok,
  erased: z.object({
    sessions: z.number(),
    visits: z.number(),
    profileFields: z.number(),
    progress: z.number(),
    /** Fingerprints, device ids and links. */
    recognition: z.number(),
    /** Kept by nobody afterwards. */
    events: z.literal('all'),
    journey: z.literal('all'),
  }),
})

/** Times as ISO 8601; of events the newest of each session, with where the rest is. */
export const exportResponse = z.object({
  success: ok,
  exportedAt: z.string(),
  held: z.record(z.string(), z.unknown()),
})

export const conversionBody = z.object({
  sessionId: z.uuid().exactOptional(),
  /** The id in the site's own system. Needed with a secret key; with a user's token the token says who. */
  userId: z
    .string()
    .min(1)
    .max(128)
    .regex(/^[\x20-\x7e]+$/, 'Printable ASCII characters.')
    .exactOptional(),
})

const touch = z
  .object({
    referrer: z.string().optional(),
    utm: z.record(z.string(), z.string()).optional(),
    page: z.string().optional(),
    at: z.string(),
  })
  .nullable()

export const conversionResponse = z.object({
  success: ok,
  sessionId: z.string(),
  convertedAt: z.string(),
  convertedUser: z.string(),
  firstTouch: touch,
  lastTouch: touch,
  linkedSessions: z.array(z.string()),
})

export const consentResponse = z.object({ success: ok, consent: z.object({ mode }) })
