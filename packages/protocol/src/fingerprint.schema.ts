import { z } from 'zod'
import { cleanText } from './json.schema.ts'

const signalValue = z.union([
  cleanText(1024),
  z.number(),
  z.boolean(),
  z.null(),
  z.array(z.union([cleanText(256), z.number()])).max(256),
])

/** 32 lower-case hex digits. */
export const fingerprintHash = z.string().regex(/^[0-9a-f]{32}$/, '32 lower-case hex digits.')

const signalName = z.string().regex(/^[a-z][A-Za-z0-9]{0,39}$/, 'A signal name.')

export const fingerprintReportSchema = z.object({
  hash: fingerprintHash,
  signals: z
    .record(signalName, signalValue)
    .refine((signals) => Object.keys(signals).length <= 64, { message: 'At most 64 signals.' })
    .exactOptional(),
  unstable: z.array(signalName).max(64).exactOptional(),
})
