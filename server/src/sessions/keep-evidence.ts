import type { OwnEvidence } from '../recognition/ports.ts'
import type { SessionParts } from './parts.ts'
import type { Session } from './ports.ts'

/**
 * Adds what a request brought to what the session's visitor may be recognised by. Where the person took consent back
 * or erased their data while the request was on its way, nothing is kept.
 */
export type KeepEvidence = (session: Session, evidence: OwnEvidence, atMs: number) => Promise<void>

export function createKeepEvidence({
  store,
  hot,
  recognition,
}: Pick<SessionParts, 'hot' | 'recognition' | 'store'>): KeepEvidence {
  return async (session, evidence, atMs) => {
    const { siteId, sessionId, visitorId, mode } = session
    const findAfter = () => store.find(siteId, sessionId)
    try {
      await recognition.remember(siteId, visitorId, evidence, atMs)
    } catch (error) {
      // Of a visitor that is gone the database keeps nothing.
      if (await findAfter()) throw error
    }
    if ((await findAfter())?.mode === mode) return
    // What was forgotten then is here again.
    await recognition.forget(siteId, visitorId)
    await hot.drop(siteId, sessionId)
  }
}
