import { z } from 'zod'
import { cleanText } from './json.schema.ts'

export const consentReportSchema = z.object({
  choice: z.enum(['denied', 'granted', 'unset']),
  byPerson: z.boolean().exactOptional(),
  optOutSignal: z.boolean().exactOptional(),
  wording: cleanText(64).exactOptional(),
})
