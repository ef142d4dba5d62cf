import type { RequestContext } from '../platform/http/context.ts'
import type { BotStore } from './bot-rows.ts'
import { findBotReasons } from './bots.ts'
import { type Datacenters, NO_DATACENTERS } from './datacenters.ts'
import type { RecognitionStore, Visitor, WeakEvidence } from './ports.ts'
import type { RecogniserStore } from './recogniser-ports.ts'

export interface BotWatchParts {
  readonly store: BotStore & Pick<RecognitionStore, 'findVisitor'>
  readonly profiles: Pick<RecogniserStore, 'forgetProfile'>
  /** @default none */
  readonly datacenters?: Datacenters
}

/** Tells programs from people. */
export interface BotWatch {
  /** What speaks for a program, in a request and what it brought. */
  reasonsOf(context: RequestContext, evidence: WeakEvidence): readonly string[]
  /**
   * Flags the visitor of some evidence where that speaks for a program; what was remembered of it goes. Undefined for
   * a visitor that is not there.
   */
  judge(
    siteId: string,
    visitorId: string,
    evidence: WeakEvidence,
  ): Promise<{ readonly visitor: Visitor; readonly isBot: boolean } | undefined>
}

const isEqual = (some: readonly string[], others: readonly string[]) => some.join() === others.join()

export function createBotWatch({ store, profiles, datacenters = NO_DATACENTERS }: BotWatchParts): BotWatch {
  async function flag({ id, siteId, botReasons }: Visitor, reasons: readonly string[]): Promise<boolean> {
    const isFlagged = await store.flagBot(siteId, id, reasons)
    if (isFlagged && botReasons === null) await profiles.forgetProfile(siteId, id)
    return isFlagged
  }

  return {
    reasonsOf({ request: { headers }, credential, address }, { fingerprint }) {
      // A back end speaks for a browser: what its own request shows is not the visitor's.
      const isBackEnd = credential.kind === 'secret_key'
      const brands = headers['sec-ch-ua']
      return findBotReasons({
        userAgent: isBackEnd ? undefined : headers['user-agent'],
        brands: isBackEnd || typeof brands !== 'string' ? undefined : brands,
        isDriven: fingerprint?.isDriven === true,
        contradictions: fingerprint?.observed?.contradictions ?? 0,
        isFromDatacenter: !isBackEnd && datacenters.has(address.limitKey),
      })
    },
    async judge(siteId, visitorId, { botReasons: reasons = [] }) {
      const visitor = await store.findVisitor(siteId, visitorId)
      if (!visitor) return undefined
      const before = visitor.botReasons ?? []
      const isKnown = reasons.length === 0 || isEqual(reasons, before)
      return { visitor, isBot: isKnown ? before.length > 0 : await flag(visitor, reasons) }
    },
  }
}
