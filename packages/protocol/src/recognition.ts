/** How a visitor was recognised, strongest evidence first. */
export const RECOGNITION_METHODS = [
  'device_key',
  'session_token',
  'cookie',
  'device_id',
  'fingerprint_recognized',
  'email_login',
  'new_user',
] as const

export type RecognitionMethod = (typeof RECOGNITION_METHODS)[number]

/** Below cookie and key only `isReturning` and `method` are told. */
export interface RecognitionAnswer {
  method: RecognitionMethod
  /** The evidence of this request matched a visitor that was already known. */
  isReturning: boolean
  /** 0–100, the probability that the answer is right. Only with proof. */
  confidence?: number
  /** Visitors with the same evidence. Only with proof. */
  anonymitySet?: number
}
