import type { FingerprintReport, RecognitionMethod, SessionAnswer } from '@helloagain/protocol'
import type { Fact } from '../debug/facts.ts'
import { whenIdle } from '../platform/idle.ts'
import { within } from '../platform/within.ts'
import type { DeviceKey } from './device-key.ts'
import { isFresh, observationMaxAgeMs } from './observation-age.ts'
import type { OpeningCore, OpeningExtras } from './opening-core.ts'
import type { Posted } from './send-session.ts'

export interface CompletionCore extends Pick<OpeningCore, 'guard' | 'parts' | 'settings' | 'world'> {
  deviceKey: DeviceKey
  open(extras: OpeningExtras, headers?: Record<string, string>): Promise<unknown>
  tell(fact: Fact): void
}

/** Whether the browser was observed too long ago for somebody who was recognised so. */
export const isObservationDue = (
  { parts, world }: Pick<CompletionCore, 'parts' | 'world'>,
  method: RecognitionMethod,
): boolean => !isFresh(parts.observation.observedAtMs(), world.nowMs(), observationMaxAgeMs(method))

/** Does what opening a session leaves for later: observes the browser, makes its key, and reports both in one call. */
export function createCompletion(core: CompletionCore): (posted: Posted) => void {
  const { guard, parts, settings, world, deviceKey, open, tell } = core
  const { consent, observation } = parts
  const fingerprintKey = `${settings.storageKey}_fingerprint`
  let hasObserved = false
  const isAllowed = () => consent.mode() === 'recognition'

  const observeNow = async ({ site, recognition }: SessionAnswer) => {
    const { observeAndKeep } = await world.parts.probes()
    const { kept, report } = await observeAndKeep({
      ...{ salt: site.fingerprintSalt, storageKey: fingerprintKey },
      timeBoundMs: within(settings.timeBoundMs, [0, 300, 5000]),
      maxAgeMs: observationMaxAgeMs(recognition.method),
      atMs: world.nowMs(),
    })
    observation.take(kept)
    tell({ what: 'observed', isPartial: !!kept.partial, ...(report && { report }) })
    return report
  }
  const observe = guard.wrap(observeNow, () => tell({ what: 'unobserved' }))

  /** Notes that there is a database to delete after a refusal, as an observation does; false where nothing can be noted. */
  function noteDatabase(): boolean {
    if (parts.store.get(fingerprintKey)) return true
    // No fingerprint, and never sent as one.
    const note = { hash: '-', observedAtMs: 0 }
    observation.take(note)
    return parts.store.set(fingerprintKey, JSON.stringify(note))
  }

  /** The key with its proof, unless it is bound already. */
  async function findUnbound({ answer, nonce }: Posted) {
    if (!nonce || !isAllowed()) return undefined
    const proof = noteDatabase() ? await deviceKey.makeAndProve(nonce) : undefined
    const state = !proof ? 'refused' : proof.id === answer.deviceKeyId ? 'bound' : 'made'
    tell({ what: 'key', state })
    return state === 'bound' ? undefined : proof
  }

  const complete = guard.wrap(async (posted: Posted, isObserving: boolean) => {
    const fingerprint: FingerprintReport | undefined = isObserving ? await observe(posted.answer) : undefined
    const unbound = await findUnbound(posted)
    if (!isAllowed()) {
      // The person refused meanwhile, and what was written since is to go too.
      observation.forget()
      deviceKey.forget()
      return
    }
    if (!fingerprint && !unbound) return
    const extras = { ...(fingerprint && { fingerprint }), ...(unbound && { deviceKey: unbound.jwk }) }
    await open(extras, unbound?.headers)
  })

  return (posted) => {
    const mayObserve = settings.fingerprint && !hasObserved
    const isObserving = mayObserve && isObservationDue(core, posted.answer.recognition.method)
    if (mayObserve && !isObserving) tell({ what: 'not_due' })
    hasObserved ||= isObserving
    if (isObserving || posted.nonce) whenIdle(world.scope, () => void complete(posted, isObserving))
  }
}
