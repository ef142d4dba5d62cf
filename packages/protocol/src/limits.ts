/** Events one request may carry. */
export const MAX_BATCH_EVENTS = 500
/** Bytes of one request body. */
export const MAX_BODY_BYTES = 1_048_576
/** Bytes of one event payload as JSON, and of one saved progress state. */
export const MAX_PAYLOAD_BYTES = 32_768
/** Nested objects or arrays an event payload may hold. */
export const MAX_PAYLOAD_DEPTH = 8
/** Largest position of an event within its session: what a 32-bit column holds. */
export const MAX_EVENT_SEQ = 2_147_483_647
/** Characters of a device id. */
export const MAX_DEVICE_ID_LENGTH = 128
/** Characters of one profile value. */
export const MAX_PROFILE_VALUE_LENGTH = 1024
/** Fields one profile may hold. */
export const MAX_PROFILE_FIELDS = 64
/** A pause longer than this ends a visit. */
export const VISIT_GAP_MS = 30 * 60_000
/** Observation confidence below which a fingerprint links nothing (the documents' rule). */
export const MIN_LINK_OBSERVATION_CONFIDENCE = 60
