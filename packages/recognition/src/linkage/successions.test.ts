import { describe, expect, it } from 'vitest'
import { DAY_MS } from './gaps.ts'
import { createMemoryBase } from './memory-base.ts'
import { LAPTOP, laptopOf, see } from './sample-browsers.ts'
import type { Decision } from './types.ts'

const START_MS = Date.UTC(2026, 8, 7)

/** A site on which everybody comes once a week, and what it makes of each visit; nobody has a cookie. */
function weeklySite(guests: readonly (readonly [name: string, day: number, raw: object])[], weeks: number) {
  const base = createMemoryBase()
  /** By visitor, who it was made for. */
  const madeFor = new Map<string, string>()
  const last = new Map<string, Decision>()
  const everybody = [
    ...guests,
    ...Array.from({ length: 40 }, (_, at) => [`person ${at}`, (at % 14) / 2, laptopOf(at)] as const),
  ].sort(([, left], [, right]) => left - right)
  for (let week = 0; week < weeks; week++) {
    for (const [name, day, raw] of everybody) {
      const atMs = START_MS + (7 * week + day) * DAY_MS
      const observed = see(raw)
      const decision = base.recognise(observed, { atMs })
      last.set(name, decision)
      const isSure = decision.visitorId !== undefined && decision.confidence >= 99
      const visitorId = (isSure ? decision.visitorId : undefined) ?? `visitor ${madeFor.size}`
      if (!madeFor.has(visitorId)) madeFor.set(visitorId, name)
      base.take(observed, { visitorId, atMs, isTrusted: !isSure })
    }
  }
  return { last, madeFor }
}

describe('visitors that may be one browser', () => {
  it('are told from a twin who comes on other days, by the rhythm in which people come', () => {
    const { last, madeFor } = weeklySite(
      [
        ['monday', 0.2, LAPTOP],
        ['thursday', 3.2, LAPTOP],
      ],
      8,
    )
    const named = ['monday', 'thursday'].map((name) => madeFor.get(last.get(name)?.visitorId ?? ''))
    // Either may be held back; neither may be taken for the other.
    expect(named[0] ?? 'monday').toBe('monday')
    expect(named[1] ?? 'thursday').toBe('thursday')
    expect(named).not.toEqual([undefined, undefined])
  })

  it('are counted once: whoever was never sure enough to be kept is recognised in the end', () => {
    const { last, madeFor } = weeklySite([['common', 0.2, LAPTOP]], 6)
    expect(madeFor.get(last.get('common')?.visitorId ?? '')).toBe('common')
  })
})
