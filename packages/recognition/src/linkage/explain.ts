import type { SignalGroup } from '../signals.ts'
import { changeBitsByGroup } from './change-bits.ts'
import type { Figures } from './figures.ts'
import type { Prepared } from './prepared.ts'
import type { Posterior } from './score.ts'
import { sameBrowser } from './successions.ts'
import type { CandidateBits, DecisionInput, Explanation } from './types.ts'
import { versionBits } from './version-bits.ts'

/** Document 000's rule: a fingerprint is used from here on. */
export const LEAST_OBSERVATION = 60

export interface ExplainInput {
  readonly input: DecisionInput
  readonly prepared: Prepared
  readonly posterior: Posterior
  readonly figures: Figures
  /** Index of the best candidate; -1: there is none. */
  readonly best: number
}

/** The likeliest that is another browser than the best. */
function rivalOf({ shares, same }: Posterior, best: number): number | undefined {
  let rival: number | undefined
  let most = -1
  shares.forEach((share, at) => {
    const apart = share * (1 - sameBrowser({ same }, best, at))
    if (at !== best && apart > most) [rival, most] = [at, apart]
  })
  return rival
}

/** Why a decision came out as it did. */
export function explain(parts: ExplainInput): Explanation {
  const { input, prepared, posterior, best: at } = parts
  const best = at < 0 ? undefined : at
  const runnerUp = rivalOf(posterior, at)
  return {
    ...(best === undefined ? {} : { best: bitsOf(parts, best) }),
    ...(best === undefined ? {} : { gapDays: prepared.candidates[best]?.gapDays ?? 0 }),
    ...(runnerUp === undefined ? {} : { runnerUp: bitsOf(parts, runnerUp) }),
    osFamily: prepared.osFamily,
    browserFamily: prepared.browserFamily,
    isClear: input.observed.unstable.length === 0 && input.observed.confidence >= LEAST_OBSERVATION,
    probabilityNew: posterior.someoneNew,
    knowsProof: prepared.knowsProof,
    visitors: prepared.visitors,
    candidates: prepared.candidates.length,
    remarks: remarksOn(input),
  }
}

function bitsOf({ input, prepared, posterior, figures }: ExplainInput, at: number): CandidateBits {
  const candidate = prepared.candidates[at]
  const groups: Record<SignalGroup, number> = candidate
    ? changeBitsByGroup(candidate, figures)
    : { device: 0, display: 0, locale: 0, software: 0, network: 0 }
  if (candidate) groups.software += versionBits(candidate, prepared.browserFamily, figures)
  const named =
    (state: 'changed' | 'known' | 'noise') => (name: CandidateBits['signals'][number]['name']) => ({
      name,
      state,
    })
  return {
    visitorId: input.candidates[at]?.visitorId ?? '',
    probability: posterior.candidates[at] ?? 0,
    groups,
    signals: [
      ...(candidate?.known ?? []).map(named('known')),
      ...(candidate?.changed ?? []).map(named('changed')),
      ...input.observed.unstable.map(named('noise')),
    ],
  }
}

function remarksOn({ observed, isTruncated }: DecisionInput): string[] {
  const remarks: string[] = []
  if (observed.contradictions > 0) remarks.push('Signals that cannot both be true lower the confidence.')
  if (observed.unstable.length > 0) remarks.push('The browser adds noise; noisy signals are not compared.')
  if (isTruncated) remarks.push('More visitors look like this than are compared one by one.')
  return remarks
}
