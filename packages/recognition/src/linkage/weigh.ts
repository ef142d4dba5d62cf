import { changeBits } from './change-bits.ts'
import { comingBack } from './coming-back.ts'
import type { Figures } from './figures.ts'
import type { Prepared, PreparedCandidate } from './prepared.ts'
import { type Rhythm, readRhythm } from './rhythm.ts'
import { type History, strangersAlike } from './strangers.ts'
import { versionBits } from './version-bits.ts'

/** A candidate with what its weight hangs on. */
export interface Weighed {
  readonly candidate: PreparedCandidate
  /** Log2 of how likely it would look like this. */
  readonly bits: number
  /** Strangers expected to look as much like it, were none known that does. */
  readonly strangers: number
  readonly history: History
  /** How many times as often as the mean visitor those come that look like it; at least once, and bounded. */
  readonly pace: number
}

/** Each contradiction halves belief in what the values say. */
const CONTRADICTION_BITS = -1
/** Another system or browser family: no update makes one of the other. */
const OTHER_KIND_BITS = -40
/** Beyond, a fleet is likelier than a person. */
const MOST_PACE = 4

/** Candidates weighed, and the site they are weighed for. */
export interface Weighing {
  /** In the candidates' order. */
  readonly weighed: readonly Weighed[]
  readonly rhythm: Rhythm
  /** Share of visitors that come again. */
  readonly returners: number
  /** Odds that a visit after so many days is this visitor's return and not somebody new's, before its looks. */
  oddsOfReturn(candidate: Pick<PreparedCandidate, 'holdsProof'>, gapDays: number): number
}

/** What each candidate's weight hangs on. */
export function weigh(prepared: Prepared, figures: Figures): Weighing {
  const { candidates, returners, knowsProof } = prepared
  const rhythm = readRhythm(prepared.gaps)
  const priorOdds = returners / (1 - returners)
  return {
    weighed: candidates.map((candidate, at) => {
      const history = historyOf(candidates, at)
      return {
        candidate,
        history,
        pace: paceOf(history, rhythm),
        bits: likelihoodBits(candidate, prepared, figures),
        strangers: strangersAlike(prepared, { byChance: candidate.byChance, history }, { figures, rhythm }),
      }
    }),
    rhythm,
    returners,
    oddsOfReturn: ({ holdsProof }, gapDays) =>
      priorOdds * comingBack({ gapDays, holdsProof }, { rhythm, knowsProof, figures }),
  }
}

/** Visits of a look against those that one browser is expected to make in that time: some people come more often. */
function paceOf({ visits, days }: History, { meanGapDays }: Rhythm): number {
  return Math.min(MOST_PACE, Math.max(1, visits / (1 + days / meanGapDays)))
}

function likelihoodBits(candidate: PreparedCandidate, prepared: Prepared, figures: Figures): number {
  if (candidate.isOtherKind) return OTHER_KIND_BITS
  return (
    figures.changeScale * changeBits(candidate, figures) +
    versionBits(candidate, prepared.browserFamily, figures) +
    prepared.contradictions * CONTRADICTION_BITS
  )
}

/** Whether another agrees in these facets at least. */
export const agreesAsFar = (other: PreparedCandidate, facets: number) =>
  (other.facets & facets) === facets && !other.isOtherKind

/** Visits of everybody who agrees as far as a candidate; one with proof is known to have made its visits itself. */
function historyOf(candidates: readonly PreparedCandidate[], at: number): History {
  const own = candidates[at]
  if (own === undefined) return { visits: 1, days: 0, gapDays: 0 }
  let { ageDays: days, gapDays } = own
  let visits = own.holdsProof ? 1 : own.observations
  for (const other of candidates) {
    if (other === own || other.holdsProof || !agreesAsFar(other, own.facets)) continue
    visits += other.observations
    days = Math.max(days, other.ageDays)
    gapDays = Math.min(gapDays, other.gapDays)
  }
  return { visits, days, gapDays }
}
