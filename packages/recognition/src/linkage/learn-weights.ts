import type { SignalName } from '../signals.ts'
import { agreementIn } from './drift.ts'
import { FACET_NAMES, FACETS } from './facets.ts'
import type { Figures } from './figures.ts'
import { GAP_MIDDLES_DAYS } from './gaps.ts'
import { readFigures } from './read-figures.ts'
import type { Tallies, Weights } from './types.ts'

/** Labelled visits a published figure is worth. */
const PRIOR_VISITS = 40
const LEAST_AGREEMENT = 0.02
const MOST_AGREEMENT = 0.9995

/** Weights with what the site's labelled visits taught: Beta priors round the figures of `base`, clamped. */
export function learnWeights(tallies: Tallies, base: Weights): Weights {
  const figures = readFigures(base)
  return {
    ...figures,
    version: figures.version + 1,
    agreement: learnAgreement(tallies, figures),
  }
}

function learnAgreement(tallies: Tallies, figures: Figures): Record<string, number> {
  const learned: Record<string, number> = {}
  const signals: readonly SignalName[] = FACET_NAMES.flatMap((facet) => FACETS[facet])
  for (const signal of signals) {
    GAP_MIDDLES_DAYS.forEach((_, bucket) => {
      const tally = tallies.get(`kept|${signal}|${bucket}`)
      if (!tally || tally.total === 0) return
      const start = agreementIn(signal, bucket, figures)
      const share = (tally.hits + PRIOR_VISITS * start) / (tally.total + PRIOR_VISITS)
      learned[`${signal}|${bucket}`] = Math.min(MOST_AGREEMENT, Math.max(LEAST_AGREEMENT, share))
    })
  }
  return learned
}
