import { z } from 'zod'
import { consentReportSchema } from './consent.schema.ts'
import { fingerprintReportSchema } from './fingerprint.schema.ts'
import { cleanText, findJsonFault } from './json.schema.ts'
import { MAX_DEVICE_ID_LENGTH } from './limits.ts'

/** The documents' `device_id`: 1–128 printable characters. */
export const deviceIdSchema = z
  .string()
  .min(1)
  .max(MAX_DEVICE_ID_LENGTH)
  .regex(/^[\x20-\x7e]+$/, 'Printable ASCII characters.')

export const sessionMetadataSchema = z
  .looseObject({
    userAgent: cleanText(1024).exactOptional(),
    referrer: cleanText(2048).exactOptional(),
    page: cleanText(2048).exactOptional(),
    utm: z.record(cleanText(32), cleanText(256)).exactOptional(),
    language: cleanText(64).exactOptional(),
    timezone: cleanText(64).exactOptional(),
    screen: z.object({ width: z.number(), height: z.number() }).exactOptional(),
    ip: cleanText(64).exactOptional(),
  })
  .superRefine((metadata, context) => {
    const fault = findJsonFault(metadata, 4)
    if (fault) context.addIssue({ code: 'custom', ...fault })
  })

/** Members of private and symmetric keys (RFC 7518 §6). */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']
const coordinate = z.string().regex(/^[\w-]{43}$/, '32 bytes in base64url.')

/** The public half of a device key. */
export const deviceKeySchema = z
  .looseObject({ kty: z.literal('EC'), crv: z.literal('P-256'), x: coordinate, y: coordinate })
  .superRefine((jwk, context) => {
    const path = Object.keys(jwk).filter((name) => PRIVATE_MEMBERS.includes(name))
    if (path.length > 0)
      context.addIssue({ code: 'custom', path, message: 'A private key stays where it is.' })
  })
  .transform(({ kty, crv, x, y }) => ({ kty, crv, x, y }))

export const sessionRequestSchema = z.object({
  metadata: sessionMetadataSchema.exactOptional(),
  fingerprint: fingerprintReportSchema.exactOptional(),
  deviceId: deviceIdSchema.exactOptional(),
  deviceKey: deviceKeySchema.exactOptional(),
  mayProve: z.boolean().exactOptional(),
  consent: consentReportSchema.exactOptional(),
  fresh: z.boolean().exactOptional(),
})
