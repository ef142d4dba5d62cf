import { MAX_PAYLOAD_BYTES, type ProfileValue, type UserData } from '@helloagain/protocol'
import { Problem } from '../platform/http/problem.ts'
import type { SessionParts } from './parts.ts'
import { checkProfile, MAX_PREFILL_PAUSE_MS, prefillSinceMs, presentSinceMs } from './policy.ts'
import type { Session } from './ports.ts'
import type { Progress } from './profile-rows.ts'

/** What people told a site, by visitor: profile fields and the saved state of forms. */
export interface Profiles {
  userData(session: Session): Promise<UserData | null>
  mergeProfile(
    session: Session,
    fields: Readonly<Record<string, ProfileValue>>,
    change: { source: string; atMs: number },
  ): Promise<UserData>
  findProgress(session: Session, name: string): Promise<Progress | undefined>
  /** @throws Problem `progress.too_large`, `session.consent_denied` */
  saveProgress(session: Session, name: string, state: unknown): Promise<Progress>
}

/** Whether anybody could prove the session; one that nobody can never yields data. */
const canBeProven = ({ cookieHash, deviceKeyId }: Session) => cookieHash !== null || deviceKeyId !== null

export function createProfiles({ store, nowMs, expiryMs, userAttributes }: SessionParts): Profiles {
  /** Where sessions outlive the 30 days of S3, their visits tell of the pause. */
  async function lastPauseMs({ visitorId }: Session): Promise<number> {
    return expiryMs > MAX_PREFILL_PAUSE_MS
      ? presentSinceMs(await store.listVisits(visitorId), nowMs())
      : Number.NEGATIVE_INFINITY
  }

  async function tellableSinceMs(session: Session): Promise<number> {
    const { siteId, visitorId } = session
    const bySessions = prefillSinceMs(await store.listByVisitor(siteId, visitorId), session)
    return Math.max(bySessions, await lastPauseMs(session))
  }

  /** A session tells nothing of an account that it was linked to before the pause. */
  async function ofAccount(session: Session): Promise<UserData | null | undefined> {
    const { siteId, userId, convertedAtMs, createdAtMs } = session
    if (userId === null) return null
    const linkedAtMs = convertedAtMs ?? createdAtMs
    return linkedAtMs >= (await lastPauseMs(session)) ? userAttributes(siteId, userId) : null
  }

  /** What this session's person told since the last gap. */
  async function told(session: Session): Promise<UserData> {
    const fields = await store.listProfile(session.visitorId)
    if (fields.length === 0) return {}
    const sinceMs = await tellableSinceMs(session)
    const current = fields.filter(({ updatedAtMs }) => updatedAtMs >= sinceMs)
    return Object.fromEntries(current.map(({ field, value }) => [field, value]))
  }

  async function userData(session: Session): Promise<UserData | null> {
    if (!canBeProven(session)) return null
    const known = { ...(await told(session)), ...(await ofAccount(session)) }
    return Object.keys(known).length > 0 ? known : null
  }

  return {
    userData,
    async mergeProfile(session, fields, { source, atMs }) {
      checkProfile(fields, await told(session))
      // A day's visitor has no profile; what an account keeps is the account's.
      if (session.mode === 'recognition') {
        const rows = Object.entries(fields).map(([field, value]) => ({
          field,
          value,
          source,
          updatedAtMs: atMs,
        }))
        await store.saveProfile(session, rows)
      }
      return (await userData(session)) ?? {}
    },
    async findProgress(session, name) {
      const found = await store.findProgress(session.visitorId, name)
      if (!found) return undefined
      return found.updatedAtMs >= (await tellableSinceMs(session)) ? found : undefined
    },
    async saveProgress(session, name, state) {
      if (session.mode !== 'recognition') throw new Problem('session.consent_denied')
      const bytes = Buffer.byteLength(JSON.stringify(state) ?? '')
      if (bytes > MAX_PAYLOAD_BYTES) throw new Problem('progress.too_large')
      const progress = { name, state, updatedAtMs: nowMs() }
      await store.saveProgress(session, progress)
      return progress
    },
  }
}
