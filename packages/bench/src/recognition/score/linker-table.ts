import type { LinkerScore } from './score-linker.ts'

const percent = (value: number) => `${(100 * value).toFixed(2)} %`
const days = (value: number) => `${value.toFixed(1)} d`

/** What is told of every linker, in this order. */
const COLUMNS: readonly (readonly [name: string, read: (score: LinkerScore) => string])[] = [
  ['precision ≥ 99', ({ sure }) => percent(sure.precision)],
  ['recall ≥ 99', ({ sure }) => percent(sure.recall)],
  ['best recall at precision 99 %', ({ best }) => percent(best.recall)],
  ['precision, all', ({ all }) => percent(all.precision)],
  ['recall, all', ({ all }) => percent(all.recall)],
  ['false merges / 10 k', ({ falseMergesPer10k }) => falseMergesPer10k.toFixed(2)],
  ['tracked', ({ tracking }) => days(tracking.averageDays)],
  ['longest', ({ tracking }) => days(tracking.maximumDays)],
  ['ownership', ({ tracking }) => tracking.ownership.toFixed(3)],
  ['ids', ({ tracking }) => tracking.idsPerBrowser.toFixed(2)],
  ['acted on: tracked', ({ kept }) => days(kept.averageDays)],
  ['acted on: ownership', ({ kept }) => kept.ownership.toFixed(3)],
  ['Brier', ({ brier }) => brier.toFixed(3)],
  ['ECE', ({ ece }) => ece.mass.toFixed(3)],
  ['µs p50 / p99', ({ medianUs, p99Us }) => `${medianUs.toFixed(0)} / ${p99Us.toFixed(0)}`],
]

export const LINKER_HEAD: readonly string[] = ['linker', ...COLUMNS.map(([name]) => name)]

export const linkerRow = (name: string, score: LinkerScore): string[] => [
  name,
  ...COLUMNS.map(([, read]) => read(score)),
]
