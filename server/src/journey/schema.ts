import { RECOGNITION_METHODS, UserJourneyStage, UserType } from '@helloagain/protocol'
import { eventPayloadSchema, eventTypeSchema } from '@helloagain/protocol/schemas'
import { z } from 'zod'

const userType = z.enum(UserType)
const journeyStage = z.enum(UserJourneyStage)
const percent = z.number().min(0).max(100)

const transition = z.object({
  from_type: userType.nullable(),
  to_type: userType,
  from_stage: journeyStage.nullable(),
  to_stage: journeyStage,
  changed_at: z.string(),
})

const journey = z.object({
  user_type: userType,
  journey_stage: journeyStage,
  first_visit_at: z.string(),
  progression_history: z.array(transition),
})

export const anonymousAuthResponse = z.object({
  success: z.literal(true),
  user_id: z.string(),
  session_id: z.string(),
  is_returning: z.boolean(),
  recognition_method: z.enum(RECOGNITION_METHODS),
  fingerprint_confidence: percent,
  ums_data: z.object({
    fingerprint_confidence: percent,
    user_type: userType,
    journey_stage: journeyStage,
    journey,
  }),
  access_token: z.string().exactOptional(),
  token_type: z.literal('Bearer').exactOptional(),
  expires_in: z.number().exactOptional(),
})

// Any text: an id that is no UUID was never issued either, and answers the same 404.
export const analyticsParams = z.object({ user_id: z.string().max(128) })

export const analyticsResponse = z.object({
  success: z.literal(true),
  user_id: z.string(),
  user_type: userType,
  current_type: userType,
  journey_stage: journeyStage,
  current_stage: journeyStage,
  conversion_score: percent,
  engagement_indicators: z.object({
    has_multiple_sessions: z.boolean(),
    has_conversations: z.boolean(),
    has_completed_quiz: z.boolean(),
    has_started_form: z.boolean(),
    has_profile: z.boolean(),
    days_since_first_visit: z.number(),
    days_since_last_visit: z.number(),
    event_count: z.number(),
  }),
  total_sessions: z.number(),
  first_visit_at: z.string(),
  progression_history: z.array(transition),
})

export const activityBody = z.object({
  activity_type: eventTypeSchema,
  metadata: eventPayloadSchema.exactOptional(),
})

export const activityResponse = z.object({
  success: z.literal(true),
  user_id: z.string(),
  activity_type: z.string(),
  recorded_at: z.string(),
})
