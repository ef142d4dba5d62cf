import { MAX_PAYLOAD_BYTES, type ProfileValue, type UserData } from '@helloagain/protocol'
import { Problem } from '../platform/http/problem.ts'
import type { SessionParts } from './parts.ts'
import { checkProfile, prefillSinceMs } from './policy.ts'
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

export function createProfiles({ store, nowMs, userAttributes }: SessionParts): Profiles {
  /** What this session's person told since the last gap; see prefillSinceMs. */
  async function told(session: Session): Promise<UserData> {
    const fields = await store.listProfile(session.visitorId)
    if (fields.length === 0) return {}
    const sinceMs = prefillSinceMs(await store.listByVisitor(session.siteId, session.visitorId), session)
    const current = fields.filter(({ updatedAtMs }) => updatedAtMs >= sinceMs)
    return Object.fromEntries(current.map(({ field, value }) => [field, value]))
  }

  async function userData(session: Session): Promise<UserData | null> {
    if (!canBeProven(session)) return null
    const { siteId, userId } = session
    const attributes = userId === null ? null : await userAttributes(siteId, userId)
    const known = { ...(await told(session)), ...attributes }
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
      const sinceMs = prefillSinceMs(await store.listByVisitor(session.siteId, session.visitorId), session)
      return found.updatedAtMs >= sinceMs ? found : undefined
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
