import type { Finding } from '../../measure.ts'
import type { LinkerScore } from './score-linker.ts'

const share = (value: number) => value.toFixed(3)
const percent = (value: number) => `${(100 * value).toFixed(2)} %`

/** A score in two lines of the table: whom it recognised, and how long it followed them. */
export function describeScore(name: string, score: LinkerScore): Finding[] {
  const { sure, best, all, tracking, kept, ece } = score
  return [
    {
      what: name,
      value: [
        `answers ≥ 99: precision ${percent(sure.precision)}, recall ${percent(sure.recall)}`,
        `best recall at precision 99 %: ${percent(best.recall)}`,
        `all answers: precision ${percent(all.precision)}, recall ${percent(all.recall)}`,
        `false merges per 10 k ${score.falseMergesPer10k.toFixed(2)}`,
      ].join('; '),
      bar: '',
    },
    {
      what: `… ${name}`,
      value: [
        `tracked ${tracking.averageDays.toFixed(1)} d on average, ${tracking.maximumDays.toFixed(1)} d at most`,
        `ownership ${share(tracking.ownership)}, ${tracking.idsPerBrowser.toFixed(2)} ids a browser`,
        `by what is acted on ${kept.averageDays.toFixed(1)} d, ownership ${share(kept.ownership)}`,
        `Brier ${share(score.brier)}, ECE ${share(ece.mass)} (equal width ${share(ece.width)})`,
        `${score.medianUs.toFixed(0)} µs, p99 ${score.p99Us.toFixed(0)} µs`,
      ].join('; '),
      bar: '',
    },
  ]
}
