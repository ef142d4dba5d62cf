export {
  anonymousAuthRequestSchema,
  loginRequestSchema,
  refreshRequestSchema,
  signupRequestSchema,
} from './account.schema.ts'
export { consentReportSchema } from './consent.schema.ts'
export {
  eventBatchEnvelopeSchema,
  eventInputSchema,
  eventPayloadSchema,
  eventTypeSchema,
  isoInstant,
} from './event.schema.ts'
export { fingerprintHash, fingerprintReportSchema } from './fingerprint.schema.ts'
export { cleanText, findJsonFault, isCleanText, jsonValue } from './json.schema.ts'
export {
  profileFieldName,
  profilePatchSchema,
  profileValueSchema,
  progressBodySchema,
  progressNameSchema,
} from './profile.schema.ts'
export {
  deviceIdSchema,
  deviceKeySchema,
  sessionMetadataSchema,
  sessionRequestSchema,
} from './session.schema.ts'
