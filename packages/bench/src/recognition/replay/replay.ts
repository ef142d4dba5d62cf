import { isLinkable } from '../../../../../server/src/recognition/policy.ts'
import type { Observed } from '../../../../recognition/src/linkage.ts'
import { createIdentities, type Identified } from './identities.ts'
import { observeVisit } from './observe-visit.ts'
import type { Seen } from './parse-visit.ts'
import type { Site } from './site.ts'

/** How a visit was answered. */
export interface Decided {
  /** Key, cookie and device id by those names, the fingerprint tiers by the engine's. */
  readonly method: string
  /** Whom the answer names; absent where it names nobody. */
  readonly named?: string
  /** The visitor the visit was kept under: the one named where that is sure enough to act on, else a fresh one. */
  readonly kept: string
  /** 0–100. */
  readonly confidence: number
  readonly anonymitySet: number
  readonly microseconds: number
}

/** Answers one visit after the other, as a server would that saw them at those times. */
export type Replay = (seen: Seen) => Promise<Decided>

// As in the server: a device id is copied by machine images and profile synchronisation, and so is never proof.
const CONFIDENCE = { device_key: 100, cookie: 100, device_id: 99 } as const

/**
 * Runs visits through the server's recogniser. Who comes with a known key, cookie or device id is who was here with it;
 * everybody else is asked about by fingerprint, and kept under the visitor it names where the server would link the two,
 * else under a fresh one. Nobody is kept under two: whoever brings a key or cookie that is known never comes as far as
 * the fingerprint, so two visitors with keys are never made one.
 *
 * @param isCold evidence and network are hidden: nothing but the signals is seen
 * @param keepsApart whoever brings neither key nor cookie that is known is kept under a visitor of its own, whatever its
 * fingerprint says: so the server does where both hold a key
 */
export function createReplay(
  site: Site,
  { isCold, keepsApart = false }: { readonly isCold: boolean; readonly keepsApart?: boolean },
): Replay {
  const identities = createIdentities()
  const { recogniser, siteId } = site
  const tokenise = recogniser.tokeniseFor(siteId)

  async function ask(observed: Observed, atMs: number): Promise<Omit<Decided, 'kept' | 'microseconds'>> {
    const { method, visitorId, confidence, anonymitySet } = await recogniser.recognise(siteId, observed, {
      atMs,
      knowsProof: !isCold,
    })
    return { method, confidence, anonymitySet, ...(visitorId !== undefined && { named: visitorId }) }
  }

  const proven = ({ visitorId, method }: Identified) => ({
    ...{ method, named: visitorId, confidence: CONFIDENCE[method], anonymitySet: 1 },
  })

  /** The visitor to keep a visit under. */
  async function place(
    { named, method, ...answer }: Awaited<ReturnType<typeof ask>>,
    observed: Observed,
    atMs: number,
  ) {
    const isSure =
      named !== undefined &&
      (!method.startsWith('fingerprint_') ||
        (!keepsApart &&
          isLinkable({
            ...answer,
            visitorId: named,
            method: 'fingerprint_recognized',
            observationConfidence: observed.confidence,
          })))
    return isSure ? named : site.createVisitor(atMs)
  }

  return async (seen) => {
    const { atMs } = seen
    const evidence = isCold ? {} : seen.evidence
    const startedAtMs = performance.now()
    const identified = identities.find(evidence)
    const observed = observeVisit(seen, { tokenise, isCold })
    const answer = identified ? proven(identified) : await ask(observed, atMs)
    const microseconds = Math.round(1000 * (performance.now() - startedAtMs))

    const kept = await place(answer, observed, atMs)
    const isProven = identified !== undefined && identified.method !== 'device_id'
    // As at the server's session opening: a fresh visitor that is given a cookie or key is its own, and holds it for
    // sure once it has shown it.
    const isGiven = evidence.cookie !== undefined || evidence.deviceKey !== undefined
    const isLabelled = isProven || (isGiven && kept !== answer.named)
    if (isLabelled) await recogniser.learn(siteId, kept, observed, { atMs, isReturn: isProven })
    await recogniser.take(siteId, kept, observed, {
      ...{ atMs, isTrusted: isProven, holdsProof: isProven, isBot: false },
    })
    identities.keep(evidence, kept)
    await site.moveOn(atMs)
    return { ...answer, kept, microseconds }
  }
}
