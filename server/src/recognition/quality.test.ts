import { expect, it } from 'vitest'
import type { TrialResult } from './learning-ports.ts'
import { MIN_FOR_SHARE, measureQuality, shareSeenSince } from './quality.ts'

const measure = (trials: readonly TrialResult[], seenSince: number) =>
  measureQuality(trials, { seenSince, linkConfidence: 99 })

const trial = (changes: Partial<TrialResult>): TrialResult => ({
  ...{ atMs: 0, browserFamily: 'chrome', isReturn: true, method: 'fingerprint_exact', confidence: 99.5 },
  ...{ isRight: true, isSeenSince: true },
  ...changes,
})
const times = (count: number, changes: Partial<TrialResult> = {}) =>
  Array.from({ length: count }, () => trial(changes))

const FIRST: Partial<TrialResult> = { isReturn: false, isRight: null }
const NOBODY: Partial<TrialResult> = { method: 'new', isRight: null, confidence: 97 }

it('says null, never 0 or 1, while there are too few trials', () => {
  for (const trials of [[], times(MIN_FOR_SHARE - 1)]) {
    expect(measure(trials, 1)).toMatchObject({
      ...{ precision: null, precisionAtLeast: null, recall: null },
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

it('lets the wrong answers that showed themselves on first visits stand for those that have not yet', () => {
  const trials = [...times(390), ...times(4, { ...FIRST, isRight: false }), ...times(6, FIRST)]
  // Half of all come back: four were found out, so eight are likely wrong and two were somebody without their cookie.
  const quality = measure(trials, 0.5)
  expect(quality.falseMergesPer10k).toBeCloseTo(200)
  expect(quality.falseMergesPer10kAtMost).toBeCloseTo(250)
  expect(quality.precision).toBeCloseTo(390 / 398)
  expect(quality.precisionAtLeast).toBeCloseTo(390 / 400)
})

it('takes every open answer for wrong while nobody has come back', () => {
  const trials = [...times(390, { isSeenSince: false }), ...times(10, FIRST)]
  expect(shareSeenSince(trials)).toBe(0)
  expect(measure(trials, 0).falseMergesPer10k).toBeCloseTo(250)
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
