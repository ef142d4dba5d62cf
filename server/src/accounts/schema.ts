import { z } from 'zod'

const success = z.literal(true)
const isoTime = z.iso.datetime({ precision: 3 })
const refreshToken = z.string().optional().meta({ description: 'Only for callers that are no browser.' })

const issued = {
  access_token: z.string(),
  token_type: z.literal('Bearer'),
  expires_in: z.number().int().meta({ description: 'Seconds.' }),
  refresh_token: refreshToken,
}

export const signupResponse = z.object({
  success,
  user: z.object({
    userId: z.string(),
    email: z.string(),
    emailVerified: z.boolean(),
    createdAt: isoTime,
  }),
  session: z.object({
    sessionId: z.string(),
    userId: z.string(),
    userData: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
    convertedAt: isoTime,
  }),
  ...issued,
})

export const tokenResponse = z.object({
  success,
  ...issued,
  user_id: z.string(),
  session_id: z.string().nullable(),
})

/** RFC 7517 §5; the member `d` of a private key is not named, so it could not leave. */
export const jwksResponse = z.object({
  keys: z.array(
    z.object({
      kty: z.string(),
      crv: z.string(),
      x: z.string(),
      y: z.string(),
      kid: z.string(),
      alg: z.string(),
      use: z.string(),
    }),
  ),
})
