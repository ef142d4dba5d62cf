import { describe, expect, it } from 'vitest'
import { calibrate } from './calibrate.ts'
import { DAY_MS } from './gaps.ts'
import { learnWeights } from './learn-weights.ts'
import { lessons } from './lessons.ts'
import { createMemoryBase } from './memory-base.ts'
import { readFigures } from './read-figures.ts'
import { laptopOf, see } from './sample-browsers.ts'
import { startWeights } from './start-weights.ts'
import { rescore, type TrialInput, trialInput } from './trial.ts'
import type { Tally } from './types.ts'

const people = 40
/** On this site screens change all the time: every third visit comes from another one. */
const lookOf = (person: number, visit: number) => ({
  ...laptopOf(person),
  ...((person + visit) % 3 === 0 && { screen: [1500 + 50 * visit, 1000] }),
})

/** Visits of a site whose visitors all bring cookies: lessons, and blind trials of every fourth visitor. */
function schoolYear(labelOf: (person: number, visit: number) => number = (person) => person) {
  const base = createMemoryBase()
  const trials: TrialInput[] = []
  for (let visit = 0; visit < 12; visit++) {
    for (let person = 0; person < people; person++) {
      const atMs = (7 * visit + person / people) * DAY_MS
      const observed = see(lookOf(person, visit))
      const label = labelOf(person, visit)
      const profile = base.profiles.get(`v${label}`)
      if (person % 4 === 0) {
        if (profile) trials.push(trialInput(base.input(observed, { atMs }), `v${label}`))
      } else base.add(lessons({ profile, observed, atMs }))
      base.take(observed, { visitorId: `v${person}`, atMs })
    }
  }
  return { tallies: base.tallies, trials }
}

/** First visits of people whose laptop somebody else has, too. */
function trialsOfTwins(): TrialInput[] {
  const base = createMemoryBase()
  return Array.from({ length: people }, (_, person) => {
    const observed = see(laptopOf(person))
    base.take(observed, { visitorId: `v${person}`, atMs: (person / people) * DAY_MS })
    return trialInput(base.input(observed, { atMs: (7 + person / people) * DAY_MS }), 'somebody new')
  }).filter((_, person) => person % 4 === 0)
}

const meanLoss = (trials: readonly TrialInput[], weights: ReturnType<typeof startWeights>) =>
  trials.reduce((sum, trial) => sum + rescore(trial, weights).logLoss, 0) / trials.length

describe('what a site teaches', () => {
  const { tallies, trials } = schoolYear()

  it('makes the truth less of a surprise on visitors that taught nothing', () => {
    const learned = learnWeights(tallies, startWeights())
    expect(meanLoss(trials, learned)).toBeLessThan(meanLoss(trials, startWeights()))
  })

  it('is how often each value changes, kept within bounds', () => {
    const { agreement } = readFigures(learnWeights(tallies, startWeights()))
    expect(agreement['screen|3']).toBeLessThan(0.85)
    expect(agreement['languages|3']).toBeGreaterThan(0.98)
    for (const share of Object.values(agreement)) {
      expect(share).toBeGreaterThan(0)
      expect(share).toBeLessThan(1)
    }
  })

  it('is nothing without visits', () => {
    const { version, ...figures } = readFigures(learnWeights(new Map<string, Tally>(), startWeights()))
    expect(version).toBe(1)
    expect(figures).toEqual({ ...readFigures(startWeights()), version: undefined })
  })

  it('is worth nothing when the labels are shuffled', () => {
    const shuffled = schoolYear((person, visit) => (person * 7 + visit * 11 + 3) % people)
    const learned = learnWeights(shuffled.tallies, startWeights())
    expect(meanLoss(trials, learned)).toBeGreaterThanOrEqual(meanLoss(trials, startWeights()))
  })
})

describe('calibrate', () => {
  const { trials } = schoolYear()

  it('repairs weights that are wrong', () => {
    const wrong = { ...startWeights(), changeAtOnce: 1e-6, slope: 0.3, offset: -2 }
    const found = trials.filter((trial) => rescore(trial, wrong).isBestRight).length / trials.length
    const claimed = (weights: ReturnType<typeof startWeights>) =>
      trials.reduce((sum, trial) => sum + rescore(trial, weights).confidence, 0) / trials.length / 100
    expect(Math.abs(claimed(wrong) - found)).toBeGreaterThan(0.2)
    expect(Math.abs(claimed(calibrate(wrong, trials)) - found)).toBeLessThan(0.03)
  })

  it.each([
    [200, 'too common'],
    [0.005, 'too rare'],
  ])('finds out how common twins are where they were taken for %d times %s', (factor) => {
    const start = startWeights()
    const { twins } = readFigures(start)
    const wrong = Object.fromEntries(
      Object.entries(twins).map(([os, counts]) => [os, counts.map((count) => factor * count)]),
    )
    const mixed = [...trials, ...trialsOfTwins()]
    const found = readFigures(calibrate({ ...start, twins: wrong }, mixed)).twinScale['windows'] ?? 1
    const right = readFigures(calibrate(start, mixed)).twinScale['windows'] ?? 1
    // As near as the price of a doubling allows.
    expect(Math.abs(Math.log2((found * factor) / right))).toBeLessThan(0.6 * Math.abs(Math.log2(factor)))
  })

  it('leaves the order of answers as it is: the final map is monotone', () => {
    const { slope } = readFigures(calibrate(startWeights(), trials))
    expect(slope).toBeGreaterThan(0)
  })

  it('believes weights less when they were wrong', () => {
    const claimed = (weights: ReturnType<typeof startWeights>) =>
      trials.reduce((sum, trial) => sum + rescore(trial, weights).confidence, 0) / trials.length
    const wrong = trials.map((trial) => ({ ...trial, right: -1 }))
    expect(claimed(calibrate(startWeights(), wrong))).toBeLessThan(
      claimed(calibrate(startWeights(), trials)) - 5,
    )
  })

  it('is nothing without trials', () => {
    expect(readFigures(calibrate(startWeights(), []))).toMatchObject({ slope: 1, offset: 0 })
  })
})

describe('a trial', () => {
  const { trials } = schoolYear()

  it('answers with the same weights as the decision it was kept of', () => {
    for (const trial of trials) {
      const { probability, probabilityNew } = rescore(trial, startWeights())
      expect(probability + probabilityNew).toBeLessThanOrEqual(1 + 1e-9)
    }
  })

  it('is plain JSON without tokens or visitors', () => {
    const text = JSON.stringify(trials[5])
    expect(JSON.parse(text)).toEqual(trials[5])
    expect(text).not.toMatch(/"v\d+"/)
    for (const token of Object.values(see(lookOf(0, 1)).tokens)) expect(text).not.toContain(token)
  })
})
