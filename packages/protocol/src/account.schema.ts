import { z } from 'zod'
import { cleanText } from './json.schema.ts'
import { deviceIdSchema } from './session.schema.ts'

/** RFC 5321 allows 254 characters on the wire. */
const emailSchema = z.email().max(254)
const personalText = cleanText(256)

export const signupRequestSchema = z.object({
  email: emailSchema,
  firstName: personalText.exactOptional(),
  age: personalText.exactOptional(),
  gender: personalText.exactOptional(),
  profession: personalText.exactOptional(),
  country: personalText.exactOptional(),
  city: personalText.exactOptional(),
  household: personalText.exactOptional(),
  ctaVariant: cleanText(32).exactOptional(),
  // No '@': a user name may never look like somebody's address (Keycloak CVE-2021-3754).
  username: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{2,63}$/, '3–64 letters, digits, dots, dashes or underscores.')
    .exactOptional(),
  // Longer is refused by name (422) before anything is hashed; this only bounds the parser.
  password: cleanText(4096).exactOptional(),
})

export const loginRequestSchema = z
  .object({
    email: cleanText(254).exactOptional(),
    username: cleanText(254).exactOptional(),
    password: cleanText(4096).refine((password) => password !== '', { message: 'Empty.' }),
  })
  .refine(({ email, username }) => (email === undefined) !== (username === undefined), {
    message: 'Send either email or username.',
    path: ['email'],
  })

export const refreshRequestSchema = z.object({ refresh_token: z.string().max(256).exactOptional() })

export const anonymousAuthRequestSchema = z
  .object({
    device_id: deviceIdSchema.exactOptional(),
    raw_fingerprint_data: z
      .record(z.string().max(64), z.unknown())
      .refine((raw) => Object.keys(raw).length <= 64, { message: 'At most 64 fields.' })
      .exactOptional(),
  })
  .refine(
    ({ device_id, raw_fingerprint_data }) => device_id !== undefined || raw_fingerprint_data !== undefined,
    {
      message: 'Send device_id, raw_fingerprint_data or both.',
      path: ['device_id'],
    },
  )
