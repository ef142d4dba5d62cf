import fc from 'fast-check'
import { expect, it } from 'vitest'
import { propertyRuns } from '../../../../tools/property-runs.ts'
// Beforehand, so that what is loaded later is there in the next task.
import '../delivery-part.ts'
import { closeClients } from '../fake-page.ts'
import '../session-part.ts'
import { settle } from './fake-agenda.ts'
import { createJourney, type Journey, type Step, type TabDeed } from './fake-journey.ts'
import { FAIR, type Outcome, type Weather } from './fake-weather.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

const tab = fc.nat(2)
const outcome = fc.constantFrom<Outcome[]>(
  ...(['error', 'lost', 'partial', 'refused', 'stored', 'unreachable', 'wait'] as const),
)
const dice = fc.array(fc.boolean(), { maxLength: 7 })
const weather: fc.Arbitrary<Partial<Weather>> = fc.oneof(
  fc.record({ isOnline: fc.boolean() }),
  fc.record({ usual: outcome }),
  fc.record({ next: fc.array(outcome, { maxLength: 6 }) }),
  fc.record({ retryAfterSeconds: fc.nat(4000) }),
  fc.record({ mostEvents: fc.constantFrom(0, 1, 3, 20, Infinity) }),
  fc.record({ latencyMs: fc.nat(4000) }),
  fc.record({ beacon: fc.constantFrom<Weather['beacon'][]>('lost', 'refused', 'taken') }),
  fc.record({ diskRefuses: dice }),
  fc.record({ databaseFails: dice }),
  fc.record({ isDatabaseSilent: fc.boolean() }),
  fc.record({ isRenaming: fc.boolean() }),
  fc.record({ isOpening: fc.boolean() }),
  fc.constant({ ...FAIR }),
)

const deed = fc.constantFrom<TabDeed[]>('flush', 'hide', 'reload', 'reset', 'restore', 'show')
const few = { weight: 4, arbitrary: fc.integer({ min: 1, max: 5 }) }
const steps: { weight: number; arbitrary: fc.Arbitrary<Step> }[] = [
  {
    weight: 6,
    arbitrary: fc.record({
      ...{ do: fc.constant('track' as const), tab },
      count: fc.oneof(few, fc.integer({ min: 40, max: 70 })),
      size: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, fc.constant(20_000)),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.oneof(fc.nat(20), fc.nat(40_000)) }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('weather' as const), weather }) },
  { weight: 4, arbitrary: fc.record({ do: deed, tab }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('open' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('die' as const), tab, afterCalls: fc.nat(40) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('jump' as const),
      ms: fc.constantFrom(-DAY_MS, -MINUTE_MS, MINUTE_MS, DAY_MS),
    }),
  },
]

const plans = fc.record({
  ...{ hasLocks: fc.boolean(), hasChannel: fc.boolean(), isAsked: fc.boolean(), staysOpen: fc.boolean() },
  isRenaming: fc.boolean(),
  /** Steps, and how far what they set off gets before the next: microtasks, or all that waits for nothing outside. */
  steps: fc.array(fc.tuple(fc.oneof(...steps), fc.oneof(fc.nat(60), fc.constant(Infinity))), {
    minLength: 1,
    maxLength: 40,
  }),
})
type Plan = typeof plans extends fc.Arbitrary<infer P> ? P : never

async function travel(journey: Journey, plan: Plan): Promise<void> {
  journey.change({ isRenaming: plan.isRenaming })
  for (const [step, microtasks] of plan.steps) {
    await journey.go(step)
    if (microtasks === Infinity) await settle()
    else for (let n = 0; n < microtasks; n += 1) await undefined
  }
  for (const { life } of journey.alive()) life.callsLeft = Infinity
}

/** @returns requests in an hour in which the server is down, for each tab that is open */
async function countWhileDown({ change, crowd, alive }: Journey): Promise<number> {
  change({ usual: 'error', next: [], isOnline: true, mostEvents: Infinity })
  await crowd.agenda.run(MINUTE_MS)
  const before = crowd.server.batches()
  await crowd.agenda.run(HOUR_MS)
  return (crowd.server.batches() - before) / (alive().length || 1)
}

/** All is well again, and one tab stays: one of those that are open, or a new one. */
async function heal({ change, crowd, alive, open, settleGuesses }: Journey, staysOpen: boolean) {
  change(FAIR)
  for (const { die } of alive().slice(staysOpen ? 1 : 0)) die()
  if (alive().length === 0) open()
  alive()[0]?.show()
  await crowd.agenda.run(3 * HOUR_MS)
  settleGuesses()
}

/** What is wrong in the end: nothing, one hopes. */
function listFaults({ crowd, tracked, all }: Journey) {
  const { server, unstaged } = crowd
  const events = [...server.stored.values()]
  const stored = new Map(events.map(({ type, sessionIds }) => [type, sessionIds]))
  const dropped = new Set(all().flatMap(({ drops }) => drops))
  const types = [...tracked.keys()]
  // In memory alone when its tab died; or refused, and the tab that was told so died before it could count it.
  const mayBeLost = (type: string): boolean => {
    const { tab: own, isVolatile } = tracked.get(type) ?? {}
    const wasInMemory = isVolatile || unstaged.has(type)
    return !!(own?.life.isDead && wasInMemory) || !!server.refused.get(type)?.isDead
  }
  const isStrayed = (type: string): boolean =>
    ![...(stored.get(type) ?? [])].every((id) => tracked.get(type)?.sessionIds.has(id))
  return {
    twice: events.length - stored.size,
    lost: types.filter((type) => !stored.has(type) && !dropped.has(type) && !mayBeLost(type)),
    strayed: types.filter(isStrayed),
    onDisk: crowd.onDisk(),
    locks: crowd.locks.isFree() ? 0 : 1,
    // A database that fails is told to `onError`; what a dead tab says nobody hears.
    errors: all()
      .flatMap(({ life, errors }) => (life.isDead ? [] : errors.map(({ cause }) => cause)))
      .filter((cause) => cause && !/IndexedDB|InvalidStateError/.test(`${cause} ${(cause as Error).name}`)),
  }
}

it('each event is stored once, under its session, or counted as dropped, whatever tabs, network, server and disk do', {
  timeout: propertyRuns(30_000),
}, async () => {
  const property = fc.asyncProperty(plans, async (plan) => {
    const journey = createJourney(plan)
    await travel(journey, plan)
    // The pause doubles up to five minutes, of which a share is taken at random.
    expect(await countWhileDown(journey)).toBeLessThanOrEqual(40)
    await heal(journey, plan.staysOpen)
    expect(listFaults(journey)).toEqual({ twice: 0, lost: [], strayed: [], onDisk: [], locks: 0, errors: [] })
    closeClients()
  })
  await fc.assert(property, { numRuns: propertyRuns(60) })
})
