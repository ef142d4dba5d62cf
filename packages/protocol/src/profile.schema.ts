import { z } from 'zod'
import { cleanText, jsonValue } from './json.schema.ts'
import { MAX_PAYLOAD_BYTES, MAX_PROFILE_FIELDS, MAX_PROFILE_VALUE_LENGTH } from './limits.ts'

export const profileFieldName = z.string().regex(/^[A-Za-z][A-Za-z0-9_]{0,63}$/, 'A field name.')

export const profileValueSchema = z.union([cleanText(MAX_PROFILE_VALUE_LENGTH), z.number(), z.boolean()])

/** Body of `PATCH /api/sessions/:sessionId/profile`: the fields to merge. */
export const profilePatchSchema = z
  .record(profileFieldName, profileValueSchema)
  .refine((fields) => Object.keys(fields).length <= MAX_PROFILE_FIELDS, {
    message: `At most ${MAX_PROFILE_FIELDS} fields.`,
  })

export const progressNameSchema = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, 'A short name.')

/** Body of `PUT /api/sessions/:sessionId/progress/:name`. */
export const progressBodySchema = z.object({ state: jsonValue(16, MAX_PAYLOAD_BYTES) })
