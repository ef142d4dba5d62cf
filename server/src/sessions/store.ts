import { type ErasingStorage, type ForgetWithin, type PrivacyRows, privacyRows } from './privacy-rows.ts'
import { type ProfileRows, profileRows } from './profile-rows.ts'
import { type ProofRows, proofRows } from './proof-rows.ts'
import { type SessionRows, sessionRows, type VisitRows, visitRows } from './session-rows.ts'

export interface SessionStore extends SessionRows, ProofRows, VisitRows, ProfileRows, PrivacyRows {}

/**
 * Stores sessions, visits, profiles, saved progress and consent decisions.
 *
 * @param forgetWithin what else counts visitors. @default nothing
 */
export function createSessionStore(
  storage: ErasingStorage,
  forgetWithin: ForgetWithin = async () => undefined,
): SessionStore {
  return {
    ...sessionRows(storage),
    ...proofRows(storage),
    ...visitRows(storage),
    ...profileRows(storage),
    ...privacyRows(storage, forgetWithin),
  }
}
