import type { SignalGroup } from '../signals.ts'
import { changeBitsByGroup } from './change-bits.ts'
import type { Figures } from './figures.ts'
import type { Prepared } from './prepared.ts'
import type { Posterior } from './score.ts'
import type { CandidateBits, DecisionInput, Explanation } from './types.ts'
import { versionBits } from './version-bits.ts'

export interface ExplainInput {
  readonly input: DecisionInput
  readonly prepared: Prepared
  readonly posterior: Posterior
  readonly figures: Figures
}

/** Why a decision came out as it did. */
export function explain(parts: ExplainInput): Explanation {
  const { input, prepared, posterior } = parts
  const order = posterior.candidates
    .map((probability, at) => ({ probability, at }))
    .sort((left, right) => right.probability - left.probability)
  const [best, runnerUp] = order
  return {
    ...(best ? { best: bitsOf(parts, best.at) } : {}),
    ...(best ? { gapDays: prepared.candidates[best.at]?.gapDays ?? 0 } : {}),
    ...(runnerUp ? { runnerUp: bitsOf(parts, runnerUp.at) } : {}),
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
