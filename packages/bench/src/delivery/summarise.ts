import type { Finding } from '../measure.ts'
import { type Contender, isOurs } from './contenders.ts'
import { EXITS } from './exits.ts'
import { EVENTS } from './ledger.ts'
import type { Outcome } from './run-cell.ts'

/** Who is measured. */
export interface Visit {
  readonly contender: Contender
  readonly isFirstVisit: boolean
}

/** One run of one exit. */
export interface Result {
  readonly exitName: string
  readonly outcome: Outcome
}

/** Every run of every exit. */
export interface Row extends Visit {
  readonly results: readonly Result[]
}

const EXIT_NAMES = Object.keys(EXITS)

export function titleOf({ contender, isFirstVisit }: Visit): string {
  if (!isOurs(contender)) return contender.name
  return `${contender.name}, ${isFirstVisit ? 'first visit ever' : 'later visit'}`
}

type Count = (outcome: Outcome) => number

/** Of each exit the worst run, and the best where they differ. */
function perExit({ results }: Row, count: Count): string {
  const ranges = EXIT_NAMES.map((name) => {
    const counts = results.filter(({ exitName }) => exitName === name).map(({ outcome }) => count(outcome))
    const [worst, best] = [Math.min(...counts), Math.max(...counts)]
    return worst === best ? String(worst) : `${worst}–${best}`
  })
  return ranges.join(' · ')
}

function findingsOf(row: Row): Finding[] {
  const hasBar = isOurs(row.contender)
  const storedTwice = row.results.reduce((sum, { outcome }) => sum + outcome.storedTwice, 0)
  const isAllKept = row.results.every(({ outcome }) => outcome.kept === EVENTS)
  return [
    {
      what: `${titleOf(row)}: kept`,
      value: `${perExit(row, ({ kept }) => kept)}; stored twice: ${storedTwice}`,
      bar: hasBar ? `${EVENTS} in every exit, 0 twice` : '',
      ...(hasBar && { isReached: isAllKept && storedTwice === 0 }),
    },
    { what: '… before the visitor was back', value: perExit(row, (one) => one.keptAtExit), bar: '' },
    { what: '… sent again besides', value: perExit(row, ({ resent }) => resent), bar: '' },
  ]
}

/** The table of the bench; its first line says what the columns of figures are. */
export const summarise = (rows: readonly Row[]): Finding[] => [
  { what: `of ${EVENTS} events, worst to best run`, value: EXIT_NAMES.join(' · '), bar: '' },
  ...rows.flatMap(findingsOf),
]
