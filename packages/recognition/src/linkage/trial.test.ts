import { describe, expect, it } from 'vitest'
import { calibrate } from './calibrate.ts'
import { DAY_MS } from './gaps.ts'
import { createMemoryBase } from './memory-base.ts'
import { readFigures } from './read-figures.ts'
import { laptopOf, see } from './sample-browsers.ts'
import { startWeights } from './start-weights.ts'
import { mayBeOne, rescore, type TrialInput, trialInput } from './trial.ts'

describe('another visitor', () => {
  const own = { ageDays: 20, gapDays: 5 }

  it.each([
    ['was gone before this one began: it may have lost its cookie', { ageDays: 60, gapDays: 30 }],
    ['came once: it may have been a private window', { ageDays: 8, gapDays: 8 }],
    ['came once, for an hour', { ageDays: 8, gapDays: 7.96 }],
  ])('may be the same browser when it %s', (_, other) => {
    expect(mayBeOne(own, other)).toBe(true)
  })

  it('is another browser when it has come again since this one began', () => {
    expect(mayBeOne(own, { ageDays: 60, gapDays: 19 })).toBe(false)
    expect(mayBeOne(own, { ageDays: 10, gapDays: 2 })).toBe(false)
  })
})

/** Everybody comes on three days; in between somebody who looks the same comes on the days given. */
function trialsBeside(days: readonly number[]): TrialInput[] {
  const base = createMemoryBase()
  const people = [...Array(30).keys()]
  const trials: TrialInput[] = []
  for (let day = 0; day <= 21; day += 1) {
    for (const person of people) {
      const observed = see(laptopOf(person))
      const atMs = (day + person / people.length) * DAY_MS
      if (day === 21) trials.push(trialInput(base.input(observed, { atMs }), `v${person}`))
      if (day % 7 === 0) base.take(observed, { visitorId: `v${person}`, atMs })
      if (days.includes(day)) base.take(observed, { visitorId: `other${person}`, atMs })
    }
  }
  return trials
}

it('an answer that may have been right counts neither way, until it has come out that it was wrong', () => {
  const named = trialsBeside([16]).filter((trial) => !rescore(trial, startWeights()).isBestRight)
  expect(named.length).toBeGreaterThan(0)
  for (const trial of named) {
    expect(rescore(trial, startWeights()).isOpen).toBe(true)
    expect(rescore({ ...trial, isRefuted: true }, startWeights()).isOpen).toBe(false)
  }
  const before = readFigures(calibrate(startWeights(), []))
  const { slope, offset } = readFigures(calibrate(startWeights(), named))
  expect({ slope, offset }).toEqual({ slope: before.slope, offset: before.offset })
})
