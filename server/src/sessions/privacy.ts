import type { ConsentMode, ConsentReport } from '@helloagain/protocol'
import type { RequestContext } from '../platform/http/context.ts'
import type { SessionParts } from './parts.ts'
import { completeReport, modeOf } from './policy.ts'
import type { Session } from './ports.ts'
import type { Decision, Erased } from './privacy-rows.ts'

/** Deletes what another room holds of a visitor; what it answers is not read. */
export type VisitorEraser = (siteId: string, visitorId: string) => Promise<unknown>

/** What people decide about themselves. */
export interface SessionPrivacy {
  /** Records a decision where it differs from the session's last one; a refusal is tied to nobody. */
  recordDecision(
    context: RequestContext,
    report: ConsentReport,
    session: Pick<Session, 'sessionId'> | undefined,
  ): Promise<ConsentMode>
  /** The person takes consent back: cookie and key prove nothing any more, and nothing is left to recognise by. */
  withdraw(session: Session, change: { atMs: number; mode: ConsentMode }): Promise<void>
  /** Deletes a visitor from every room. */
  erase(session: Session, erasers: readonly VisitorEraser[]): Promise<Erased & { recognition: number }>
}

const isSame = (left: Decision, right: Decision) =>
  left.choice === right.choice &&
  left.mode === right.mode &&
  left.byPerson === right.byPerson &&
  left.optOutSignal === right.optOutSignal &&
  left.wording === right.wording

export function createPrivacy({ store, hot, recognition }: SessionParts): SessionPrivacy {
  return {
    async recordDecision(context, report, session) {
      const mode = modeOf(report, context)
      const {
        choice,
        byPerson = false,
        optOutSignal = false,
        wording = null,
      } = completeReport(report, context)
      const sessionId = mode === 'off' ? null : (session?.sessionId ?? null)
      const decision = {
        ...{ siteId: context.site.id, sessionId, choice, mode, byPerson, optOutSignal, wording },
        decidedAtMs: context.nowMs,
      }
      const last = sessionId === null ? undefined : await store.findLastDecision(context.site.id, sessionId)
      // Silence is no decision.
      if (choice !== 'unset' && !(last && isSame(last, decision))) await store.recordDecision(decision)
      return mode
    },
    async withdraw(session, change) {
      const ended = await store.retire(session, change)
      for (const sessionId of ended) await hot.drop(session.siteId, sessionId)
      await recognition.forget(session.siteId, session.visitorId)
    },
    async erase({ siteId, visitorId }, erasers) {
      const sessions = await store.listByVisitor(siteId, visitorId)
      const cool = async () => {
        for (const { sessionId } of sessions) await hot.drop(siteId, sessionId)
      }
      await cool()
      for (const eraseIn of erasers) await eraseIn(siteId, visitorId)
      const forgotten = await recognition.forget(siteId, visitorId)
      const erased = await store.eraseVisitor(siteId, visitorId)
      // Again: an event that came meanwhile found the session and made it hot, and more would follow it for good.
      await cool()
      return { ...erased, recognition: forgotten }
    },
  }
}
