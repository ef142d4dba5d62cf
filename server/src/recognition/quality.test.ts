import { expect, it } from 'vitest'
import type { TrialResult } from './learning-ports.ts'
import { MIN_FOR_SHARE, measureQuality, sharesSeenSince } from './quality.ts'

/** @param come share of visitors that have come again since their trial */
const measure = (trials: readonly TrialResult[], come: number) =>
  measureQuality(trials, { seenSince: { returners: come, newcomers: come }, linkConfidence: 99 })

const trial = (changes: Partial<TrialResult>): TrialResult => ({
  ...{ atMs: 0, browserFamily: 'chrome', isReturn: true, method: 'fingerprint_exact', confidence: 99.5 },
  ...{ visitorId: 'somebody', isRight: true, isSeenSince: true },
  ...changes,
})
const times = (count: number, changes: Partial<TrialResult> = {}) =>
  Array.from({ length: count }, () => trial(changes))

const FIRST: Partial<TrialResult> = { isReturn: false, isRight: null }
const NOBODY: Partial<TrialResult> = { method: 'new', isRight: null, confidence: 97 }

it('says null, never 0 or 1, while there are too few trials', () => {
  for (const trials of [[], times(MIN_FOR_SHARE - 1)]) {
    expect(measure(trials, 1)).toMatchObject({
      ...{ precision: null, precisionAtLeast: null, precisionBetween: null },
      ...{ recall: null, recallBetween: null },
      ...{ falseMergesPer10k: null, falseMergesPer10kAtMost: null, ece: null, reliability: [] },
    })
  }
  expect(measure(times(MIN_FOR_SHARE), 1)).toMatchObject({
    precision: 1,
    recall: 1,
    falseMergesPer10k: 0,
  })
})

it('counts links by precision, and returns without one against recall', () => {
  const trials = [
    ...times(300),
    ...times(3, { isRight: false }),
    ...times(97, NOBODY),
    // Sure of somebody, but not sure enough to link by.
    ...times(100, { confidence: 80 }),
    ...times(500, { ...FIRST, ...NOBODY }),
  ]
  const quality = measure(trials, 1)
  expect(quality).toMatchObject({ trials: 1000, returns: 500, firstVisits: 500, links: 303 })
  expect(quality.precision).toBeCloseTo(300 / 303)
  expect(quality.recall).toBeCloseTo(300 / 500)
  expect(quality.falseMergesPer10k).toBeCloseTo(30)
})

it('lets the wrong answers that showed themselves stand for those that have not yet', () => {
  const open = { isRight: null }
  const first = [...times(390), ...times(4, { ...FIRST, isRight: false }), ...times(16, FIRST)]
  // Half of all come again, so a quarter of both: four were found out, sixteen are likely wrong, four lost their cookie.
  expect(measure(first, 0.5)).toMatchObject({ precision: 394 / 410, precisionAtLeast: 390 / 410 })
  // On a return its own visitor has come again already.
  const returned = [...times(390), ...times(4, { isRight: false }), ...times(6, open)]
  const quality = measure(returned, 0.5)
  expect(quality.precision).toBeCloseTo(392 / 400)
  expect(quality.recall).toBeCloseTo(392 / 400)
  expect(quality.falseMergesPer10k).toBeCloseTo(200)
  expect(quality.falseMergesPer10kAtMost).toBeCloseTo(250)
})

it('holds an answer that nothing speaks against for right, on first visits, too', () => {
  const quality = measure([...times(390), ...times(10, FIRST)], 1)
  expect(quality).toMatchObject({ precision: 1, recall: 1, falseMergesPer10k: 0 })
  expect(quality.precisionAtLeast).toBeCloseTo(390 / 400)
})

it('takes every open answer for wrong while nobody has come again', () => {
  const trials = [...times(390, { isSeenSince: false }), ...times(10, FIRST)]
  expect(sharesSeenSince(trials)).toEqual({ returners: 0, newcomers: 1 })
  expect(measure(trials, 0).falseMergesPer10k).toBeCloseTo(250)
})

it('says how far to trust a figure, less where few visitors made many visits', () => {
  const spread = Array.from({ length: 400 }, (_, index) => trial({ visitorId: `v${index}` }))
  const heaped = Array.from({ length: 400 }, (_, index) => trial({ visitorId: `v${index % 4}` }))
  const least = (trials: readonly TrialResult[]) => measure(trials, 1).precisionBetween?.[0] ?? 0
  expect(least(spread)).toBeGreaterThan(0.99)
  expect(least(heaped)).toBeLessThan(0.6)
})

it('is calibrated when answers are right as often as they say, and says by how much they are not', () => {
  const said = (confidence: number, right: number) => [
    ...times(right, { confidence }),
    ...times(1000 - right, { confidence, isRight: false }),
  ]
  expect(measure([...said(60, 600), ...said(90, 900)], 1).ece).toBeCloseTo(0, 1)
  const boasting = measure(said(90, 700), 1)
  expect(boasting.ece).toBeCloseTo(0.2)
  expect(boasting.reliability).toEqual([{ answers: 1000, claimed: 0.9, found: 0.7 }])
})

it('shows the reliability in fifteen bins at most, and loses no answer', () => {
  const trials = Array.from({ length: 1000 }, (_, index) => trial({ confidence: 50 + index / 20 }))
  const { reliability } = measure(trials, 1)
  expect(reliability.length).toBeLessThanOrEqual(15)
  expect(reliability.reduce((sum, { answers }) => sum + answers, 0)).toBe(1000)
})
