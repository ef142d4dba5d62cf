import { expect, it } from 'vitest'
import { falseMergesPer10k, recallAtPrecision, scoreAnswers } from './answers.ts'
import { brierScore, calibrationError, equalMassBins, equalWidthBins } from './calibration.ts'
import { answersOf, judge, type Outcome } from './judge.ts'
import { riskCoverage } from './risk-coverage.ts'
import { scoreTracking } from './tracking.ts'

interface Said {
  readonly confidence: number
  /** @default the visitor it was kept under */
  readonly named?: string
}

const visit = (browser: string, kept: string, said?: Said): Outcome => ({
  ...{ browser, kept, atMs: 0, confidence: said?.confidence ?? 0 },
  ...(said && { named: said.named ?? kept }),
})
const sure = (confidence: number): Said => ({ confidence })

/** Two browsers; B is once taken for A, once weakly recognised and kept apart. */
const STORY: readonly Outcome[] = [
  visit('A', 'v1'),
  visit('B', 'v2'),
  visit('A', 'v1', sure(99.5)),
  visit('B', 'v1', sure(99)),
  visit('B', 'v3', { confidence: 80, named: 'v2' }),
  visit('A', 'v1', sure(100)),
]

it('holds an answer for right when the visitor it names was created for the same browser', () => {
  const judged = judge(STORY)
  expect(judged.map(({ isRight }) => isRight)).toEqual([false, false, true, false, true, true])
  expect(judged.map(({ isReturn }) => isReturn)).toEqual([false, false, true, true, true, true])
  expect(judged.map(({ isFalseMerge }) => isFalseMerge)).toEqual([false, false, false, true, false, false])
})

it('does not forgive a merge because the second browser came more often afterwards', () => {
  const taken = [visit('A', 'v1'), ...Array.from({ length: 5 }, () => visit('B', 'v1', sure(99.9)))]
  expect(judge(taken).filter(({ isRight }) => isRight)).toEqual([])
})

it('scores precision, recall of returns and false merges', () => {
  const judged = judge(STORY)
  expect(scoreAnswers(judged)).toEqual({ answers: 4, precision: 3 / 4, recall: 3 / 4 })
  expect(scoreAnswers(judged, 99)).toEqual({ answers: 3, precision: 2 / 3, recall: 2 / 4 })
  expect(falseMergesPer10k(judged)).toBeCloseTo(10_000 / 6)
})

it('finds the confidence that recalls most at a precision', () => {
  const judged = judge(STORY)
  expect(recallAtPrecision(judged, 0.99)).toEqual({ recall: 2 / 4, least: 99.5 })
  expect(recallAtPrecision(judged, 0.75)).toEqual({ recall: 3 / 4, least: 80 })
})

it('recalls nothing at a precision that equally sure answers miss together', () => {
  const always = [
    visit('A', 'v1'),
    visit('A', 'v1', sure(100)),
    visit('A', 'v1', sure(100)),
    visit('B', 'v1', sure(100)),
  ]
  expect(recallAtPrecision(judge(always), 0.99)).toEqual({ recall: 0, least: 100 })
})

const byKept = (outcomes: readonly Outcome[]) =>
  outcomes.map(({ browser, kept }) => ({ browser, visitor: kept }))

it('follows browsers as FP-Stalker defines it', () => {
  // A: 3 visits in v1, followed 7·2 days. B: one each in v1, v2, v3, followed 0 days in each.
  const tracking = scoreTracking(byKept(STORY), 7)
  expect(tracking.averageDays).toBe((14 + 0) / 2)
  expect(tracking.maximumDays).toBe((14 + 0) / 2)
  expect(tracking.ownership).toBeCloseTo((3 / 4 + 1 + 1) / 3)
  expect(tracking.idsPerBrowser).toBe((1 + 3) / 2)
})

it('averages over the chains of a browser before it averages over browsers', () => {
  const split = ['v1', 'v1', 'v1', 'v2', 'v3', 'v3'].map((kept) => visit('A', kept))
  const tracking = scoreTracking(byKept(split), 10)
  expect(tracking.averageDays).toBeCloseTo((20 + 0 + 10) / 3)
  expect(tracking.maximumDays).toBe(20)
})

const answers = (probability: number, right: number, wrong: number) =>
  Array.from({ length: right + wrong }, (_, index) => ({ probability, isRight: index < right }))

it('reckons the calibration error by hand-worked bins', () => {
  // 0.6 said, 0.5 found, over half of the answers; 0.9 said, 1.0 found, over the other half.
  const all = [...answers(0.6, 2, 2), ...answers(0.9, 4, 0)]
  expect(calibrationError(equalMassBins(all, 2))).toBeCloseTo(0.5 * 0.1 + 0.5 * 0.1)
  expect(calibrationError(equalWidthBins(all, 10))).toBeCloseTo(0.1)
  expect(brierScore(all)).toBeCloseTo((2 * 0.16 + 2 * 0.36 + 4 * 0.01) / 8)
})

it('gives every equal-mass bin as many answers, give or take one, and loses none', () => {
  const all = Array.from({ length: 100 }, (_, index) => ({ probability: index / 100, isRight: true }))
  const counts = equalMassBins(all).map(({ count }) => count)
  expect(counts).toHaveLength(15)
  expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1)
  expect(counts.reduce((sum, count) => sum + count)).toBe(100)
})

it('puts certainty into the last equal-width bin', () => {
  expect(equalWidthBins(answers(1, 3, 0))).toEqual([{ count: 3, claimed: 1, found: 1 }])
})

it('has no error where there is no answer', () => {
  expect(calibrationError(equalMassBins([]))).toBe(0)
  expect(brierScore([])).toBe(0)
})

it('draws risk over coverage from the surest answer down', () => {
  expect(riskCoverage(judge(STORY))).toEqual([
    { coverage: 1 / 6, risk: 0 },
    { coverage: 2 / 6, risk: 0 },
    { coverage: 3 / 6, risk: 1 / 3 },
    { coverage: 4 / 6, risk: 1 / 4 },
  ])
})

/** Fisher–Yates over a small generator of its own (Lehmer, 48271 mod 2^31 − 1), so that the test is the same each time. */
function shuffled<T>(items: readonly T[]): T[] {
  const dealt = [...items]
  let state = 42
  for (let last = dealt.length - 1; last > 0; last -= 1) {
    state = (state * 48_271) % 2_147_483_647
    const other = state % (last + 1)
    ;[dealt[last], dealt[other]] = [dealt[other] as T, dealt[last] as T]
  }
  return dealt
}

it('sees precision collapse when the truth is shuffled among visits', () => {
  // 200 browsers, five visits each, all recognised: perfect, until the labels are dealt out anew.
  const perfect = Array.from({ length: 1000 }, (_, index) =>
    visit(`b${index % 200}`, `v${index % 200}`, index < 200 ? undefined : sure(99.9)),
  )
  const labels = shuffled(perfect.map(({ browser }) => browser))
  const dealt = perfect.map((outcome, index) => ({ ...outcome, browser: labels[index] ?? '' }))
  expect(scoreAnswers(judge(perfect)).precision).toBe(1)
  expect(scoreAnswers(judge(dealt)).precision).toBeLessThan(0.05)
  expect(calibrationError(equalMassBins(answersOf(judge(dealt))))).toBeGreaterThan(0.9)
})
