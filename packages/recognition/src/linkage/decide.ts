import { facetBit } from './compare.ts'
import { explain, LEAST_OBSERVATION } from './explain.ts'
import { FACET_NAMES } from './facets.ts'
import type { Figures } from './figures.ts'
import { prepare } from './prepare.ts'
import type { Prepared } from './prepared.ts'
import { readFigures } from './read-figures.ts'
import { type Posterior, score } from './score.ts'
import { sameBrowser } from './successions.ts'
import type { Decision, DecisionInput, DecisionMethod } from './types.ts'

/** Below this probability a best candidate is no answer. */
const LEAST_PROBABILITY = 0.5
/** The best has to be so many times as likely as the runner-up. */
const LEAST_MARGIN = 2
/** From this probability on somebody is called new. */
const LEAST_NEW = 0.5

const NETWORK_BIT = facetBit(FACET_NAMES.indexOf('network'))

/** What a posterior comes to. */
export interface Verdict {
  readonly method: DecisionMethod
  /** Index of the best candidate; -1: there is none. */
  readonly best: number
  /** 0–100. */
  readonly confidence: number
  readonly anonymitySet: number
}

/** Which known visitor this is, and how sure that is; or that it is somebody new, or that it cannot be told. */
export function decide(input: DecisionInput): Decision {
  const figures = readFigures(input.knowledge.weights)
  const prepared = prepare(input)
  const posterior = score(prepared, figures)
  const verdict = judge(prepared, posterior, figures)
  const named = verdict.method.startsWith('fingerprint') ? input.candidates[verdict.best] : undefined
  return {
    method: verdict.method,
    ...(named ? { visitorId: named.visitorId } : {}),
    confidence: verdict.confidence,
    anonymitySet: verdict.anonymitySet,
    explanation: explain({ input, prepared, posterior, figures, best: verdict.best }),
  }
}

/** Draws the answer from a posterior. */
export function judge(prepared: Prepared, posterior: Posterior, figures: Figures): Verdict {
  const best = indexOfBest(posterior.candidates)
  const top = posterior.candidates[best] ?? 0
  const confidence = toConfidence(top, figures)
  const anonymitySet = alike(prepared, posterior, best)
  const isNew = posterior.someoneNew >= LEAST_NEW && anonymitySet <= 1
  if (!isTelling(prepared, best)) return { method: 'none', best, confidence, anonymitySet }
  if (isNew) return { method: 'new', best, confidence: round(100 * posterior.someoneNew), anonymitySet: 1 }
  if (top < LEAST_PROBABILITY || anonymitySet > 1) return { method: 'none', best, confidence, anonymitySet }
  const candidate = prepared.candidates[best]
  const isExact = candidate?.changed.length === 0 && (candidate.rise ?? 0) === 0
  return { method: isExact ? 'fingerprint_exact' : 'fingerprint_similar', best, confidence, anonymitySet }
}

/** iPhones, browsers that resist and half observations tell too little, unless the network agrees as well. */
function isTelling({ observationConfidence, candidates }: Prepared, best: number): boolean {
  const facets = candidates[best]?.facets ?? 0
  return observationConfidence >= LEAST_OBSERVATION || (facets & NETWORK_BIT) !== 0
}

function indexOfBest(probabilities: readonly number[]): number {
  let best = -1
  probabilities.forEach((probability, at) => {
    if (probability > (probabilities[best] ?? -1)) best = at
  })
  return best
}

/** Browsers about as likely as the best, itself included, and those as likely that were not listed. */
function alike(
  { visitors }: Prepared,
  { candidates, shares, same, unlisted }: Posterior,
  best: number,
): number {
  const top = candidates[best] ?? 0
  if (top <= 0) return 1
  let count = 1 + Math.round(unlisted / top)
  shares.forEach((share, at) => {
    if (at !== best && share * (1 - sameBrowser({ same }, best, at)) * LEAST_MARGIN > top) count++
  })
  return Math.max(1, Math.min(visitors, count))
}

/** The final, monotone map to 0–100. */
function toConfidence(probability: number, { slope, offset }: Figures): number {
  if (probability <= 0) return 0
  const logit = Math.log(probability / Math.max(1e-12, 1 - probability))
  return round(100 / (1 + Math.exp(-(slope * logit + offset))))
}

const round = (percent: number) => Math.round(percent * 10) / 10
