import { ActivityType, UserJourneyStage, UserType } from '@helloagain/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  beginJourney,
  engagementIndicators,
  mergeJourneys,
  moveJourney,
  planStep,
  type ScoreFactors,
  scoreConversion,
} from './policy.ts'
import type { JourneyState, JourneyTarget } from './ports.ts'

const NOW_MS = Date.parse('2026-03-01T12:00:00.000Z')
const DAY_MS = 86_400_000
const TYPES = Object.values(UserType)
const STAGES = Object.values(UserJourneyStage)

const at = (userType: UserType, journeyStage: UserJourneyStage): JourneyState => ({
  ...beginJourney('site', 'somebody', NOW_MS),
  userType,
  journeyStage,
})

describe('moves', () => {
  it.each([
    { from: ['anonymous', 'first_visit'], target: { newType: 'returning' }, to: ['returning', 'engaged'] },
    { from: ['anonymous', 'first_visit'], target: { newStage: 'engaged' }, to: ['anonymous', 'engaged'] },
    { from: ['anonymous', 'engaged'], target: { newType: 'returning' }, to: ['returning', 'engaged'] },
    {
      from: ['anonymous', 'first_visit'],
      target: { newType: 'registered' },
      to: ['registered', 'converted'],
    },
    { from: ['returning', 'engaged'], target: { newType: 'registered' }, to: ['registered', 'converted'] },
  ] as const)('brings $from by $target to $to', ({ from, target, to }) => {
    const moved = moveJourney(at(from[0], from[1]), target, NOW_MS)
    expect([moved?.userType, moved?.journeyStage]).toEqual(to)
    expect(moved?.history).toEqual([
      {
        from_type: from[0],
        to_type: to[0],
        from_stage: from[1],
        to_stage: to[1],
        changed_at: '2026-03-01T12:00:00.000Z',
      },
    ])
  })

  it.each([
    ['returning', 'engaged', { newType: 'anonymous', newStage: 'first_visit' }],
    ['registered', 'converted', { newType: 'returning', newStage: 'engaged' }],
    ['registered', 'converted', { newType: 'registered', newStage: 'converted' }],
    ['anonymous', 'first_visit', {}],
  ] as const)('never takes %s/%s back, nor repeats a step, by %o', (type, stage, target) => {
    expect(moveJourney(at(type, stage), target, NOW_MS)).toBeUndefined()
  })

  it('refuses to call somebody converted who is not registered', () => {
    expect(() => moveJourney(at('returning', 'engaged'), { newStage: 'converted' }, NOW_MS)).toThrow(
      RangeError,
    )
  })

  it('arrives at one place whatever the order of the moves, each step once', () => {
    const target = fc.record(
      { newType: fc.constantFrom(...TYPES), newStage: fc.constantFrom(...STAGES) },
      { requiredKeys: [] },
    )
    const isLegal = ({ newType, newStage }: JourneyTarget) =>
      newStage !== 'converted' || newType === 'registered'
    const walk = (targets: readonly JourneyTarget[]) =>
      targets.reduce(
        (state, next) => moveJourney(state, next, NOW_MS) ?? state,
        beginJourney('site', 'somebody', NOW_MS),
      )
    fc.assert(
      fc.property(fc.array(target.filter(isLegal), { maxLength: 6 }), (targets) => {
        const forth = walk(targets)
        const back = walk([...targets].reverse())
        expect([forth.userType, forth.journeyStage]).toEqual([back.userType, back.journeyStage])
        expect(forth.history.length).toBeLessThanOrEqual(3)
        expect(walk([...targets, ...targets])).toEqual(forth)
      }),
    )
  })

  it('writes a journey that begins further on as its first version, with the step it took', () => {
    const step = planStep(undefined, {
      siteId: 'site',
      subjectId: 'somebody',
      target: { newType: 'registered' },
      atMs: NOW_MS,
    })
    expect(step).toMatchObject({
      expectedVersion: null,
      next: { version: 1, userType: 'registered' },
      transition: { from_type: 'anonymous', to_type: 'registered' },
    })
  })

  it('merges the journeys of one person into the furthest, from the first visit on', () => {
    const early = { ...at('anonymous', 'first_visit'), firstVisitAtMs: NOW_MS - DAY_MS }
    const late = moveJourney(at('anonymous', 'first_visit'), { newType: 'registered' }, NOW_MS)
    expect(late && mergeJourneys('user', [early, late])).toMatchObject({
      subjectId: 'user',
      userType: 'registered',
      journeyStage: 'converted',
      firstVisitAtMs: NOW_MS - DAY_MS,
      history: [{ to_type: 'registered' }],
    })
  })
})

const RICH: ScoreFactors = {
  userType: 'returning',
  journeyStage: 'engaged',
  visits: 3,
  firstVisitAtMs: NOW_MS - 2 * DAY_MS,
  lastVisitAtMs: NOW_MS,
  hasProfile: true,
  activities: new Map([
    [ActivityType.CHAT_START, 1],
    [ActivityType.CONTENT_CLICK, 1],
    [ActivityType.FORM_PROGRESS, 1],
    [ActivityType.FORM_STARTED, 1],
    [ActivityType.QUIZ_COMPLETED, 1],
    [ActivityType.QUIZ_STARTED, 1],
    [ActivityType.SIGNUP_ATTEMPTED, 1],
  ]),
}

const without = (type: string): ScoreFactors => ({
  ...RICH,
  activities: new Map([...RICH.activities].filter(([name]) => name !== type)),
})

describe('conversion score', () => {
  const poorer: [string, ScoreFactors][] = [
    ['further visits', { ...RICH, visits: 1 }],
    ['the latest visit', { ...RICH, lastVisitAtMs: NOW_MS - 14 * DAY_MS }],
    ['the profile', { ...RICH, hasProfile: false }],
    ['the type returning', { ...RICH, userType: 'anonymous' }],
    ...[...RICH.activities.keys()].map((type): [string, ScoreFactors] => [type, without(type)]),
  ]

  it.each(poorer)('falls when %s is taken away', (_factor, factors) => {
    expect(scoreConversion(factors, NOW_MS)).toBeLessThan(scoreConversion(RICH, NOW_MS))
  })

  it('counts how much somebody did, also activities of a site’s own', () => {
    const more = { ...RICH, activities: new Map([...RICH.activities, ['CART_OPENED', 9]]) }
    expect(scoreConversion(more, NOW_MS)).toBeGreaterThan(scoreConversion(RICH, NOW_MS))
  })

  it('is 100 for the converted and at most 99 for everybody else', () => {
    expect(scoreConversion({ ...RICH, userType: 'registered', journeyStage: 'converted' }, NOW_MS)).toBe(100)
    expect(scoreConversion({ ...RICH, visits: 1000, activities: busy(RICH.activities) }, NOW_MS)).toBe(99)
  })

  it('stays within 0–100 and never falls when anything is added', () => {
    const factors = fc.record({
      userType: fc.constantFrom('anonymous' as const, 'returning' as const),
      journeyStage: fc.constantFrom('first_visit' as const, 'engaged' as const),
      visits: fc.nat(50),
      idleDays: fc.nat(400),
      hasProfile: fc.boolean(),
      activities: fc.dictionary(fc.constantFrom(...Object.values(ActivityType), 'CART_OPENED'), fc.nat(20)),
    })
    fc.assert(
      fc.property(factors, fc.constantFrom(...Object.values(ActivityType)), (given, extra) => {
        const base = { ...given, firstVisitAtMs: 0, lastVisitAtMs: NOW_MS - given.idleDays * DAY_MS }
        const activities = new Map(Object.entries(given.activities))
        const score = scoreConversion({ ...base, activities }, NOW_MS)
        expect(score).toBeGreaterThanOrEqual(0)
        expect(score).toBeLessThanOrEqual(100)
        const richer = [
          { ...base, activities, visits: base.visits + 1 },
          { ...base, activities, hasProfile: true },
          { ...base, activities, lastVisitAtMs: NOW_MS },
          { ...base, activities: new Map([...activities, [extra, (activities.get(extra) ?? 0) + 1]]) },
        ]
        for (const more of richer) expect(scoreConversion(more, NOW_MS)).toBeGreaterThanOrEqual(score)
      }),
    )
  })
})

const busy = (activities: ReadonlyMap<string, number>) =>
  new Map([...activities.keys()].map((type) => [type, 99]))

it('tells engagement in whole days and plain answers', () => {
  expect(engagementIndicators(RICH, NOW_MS + DAY_MS / 2)).toEqual({
    has_multiple_sessions: true,
    has_conversations: true,
    has_completed_quiz: true,
    has_started_form: true,
    has_profile: true,
    days_since_first_visit: 2,
    days_since_last_visit: 0,
    event_count: 7,
  })
})
