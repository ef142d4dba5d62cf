import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { propertyRuns } from '../../../tools/property-runs.ts'
import type { HotSession } from '../sessions/ports.ts'
import { createPlaceEvents, learnOffset } from './clock.ts'
import type { Arrival } from './ports.ts'
import type { Placed } from './timeline.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const START_MS = Date.UTC(2026, 5, 1, 12)

const newSession = (changes: Partial<HotSession> = {}): HotSession => ({
  siteId: 'site',
  sessionId: '0b0f4f3e-0000-4000-8000-000000000001',
  visitorId: 'visitor',
  mode: 'recognition',
  cookieHash: null,
  hasDeviceKey: false,
  expiresAtMs: START_MS + 24 * HOUR_MS,
  visitId: null,
  lastActivityAtMs: START_MS,
  clockOffsetMs: null,
  firstSeenAtMs: START_MS,
  pagesVisited: 0,
  ...changes,
})

/** A server with what it stored, which may start anew. */
function createServer() {
  const stored: Placed[] = []
  const listLatest = async () => stored.toSorted((a, b) => b.atMs - a.atMs).slice(0, 100)
  let session = newSession()
  let place = createPlaceEvents({ listLatest })
  return {
    session: () => session,
    restart() {
      session = newSession({ clockOffsetMs: session.clockOffsetMs })
      place = createPlaceEvents({ listLatest })
    },
    async take(events: readonly { seq: number | null; clientMs: number }[], arrival: Partial<Arrival>) {
      const whole = { receivedAtMs: START_MS, sentAtMs: null, isProven: true, isFromDevice: true, ...arrival }
      const times = await place(session, events, whole)
      for (const [index, event] of events.entries())
        stored.push({ ...event, atMs: times[index] ?? Number.NaN })
      return times
    },
  }
}

describe('the clock of a session', () => {
  it('is as far behind as the smallest reading says, until one is more than a minute above', () => {
    expect(learnOffset(null, -5000)).toBe(-5000)
    expect(learnOffset(1000, 900)).toBe(900)
    expect(learnOffset(1000, 61_000)).toBe(1000)
    expect(learnOffset(1000, 61_001)).toBe(61_001)
  })

  it('is believed within a minute, and corrected beyond it', async () => {
    for (const [skewMs, correctionMs] of [
      [60_000, 0],
      [-60_000, 0],
      [60_001, 60_001],
      [-60_001, -60_001],
    ] as const) {
      const clientMs = START_MS - 2000 - skewMs
      const [atMs] = await createServer().take([{ seq: 0, clientMs }], { sentAtMs: START_MS - skewMs })
      expect(atMs).toBe(clientMs + correctionMs)
    }
  })

  it('is that of requests before, where one does not say when it was sent', async () => {
    const server = createServer()
    await server.take([{ seq: 0, clientMs: START_MS - HOUR_MS }], { sentAtMs: START_MS - HOUR_MS })
    const later = { seq: 1, clientMs: START_MS - HOUR_MS + 5000 }
    expect(await server.take([later], { receivedAtMs: START_MS + 5000 })).toEqual([START_MS + 5000])
    server.restart()
    const latest = { seq: 2, clientMs: START_MS - HOUR_MS + 9000 }
    expect(await server.take([latest], { receivedAtMs: START_MS + 9000 })).toEqual([START_MS + 9000])
  })

  it.each([
    ['without proof', { isFromDevice: false, isProven: false }],
    ['of a back end', { isFromDevice: false }],
  ])('learns nothing from a request %s, which is corrected by what it says itself', async (_who, sender) => {
    const server = createServer()
    await server.take([{ seq: 0, clientMs: START_MS }], { sentAtMs: START_MS })
    const forged = { ...sender, sentAtMs: START_MS - 48 * HOUR_MS }
    expect(await server.take([{ seq: 9, clientMs: START_MS - 48 * HOUR_MS }], forged)).toEqual([START_MS])
    expect(server.session().clockOffsetMs).toBe(0)
    const [atMs] = await server.take([{ seq: 1, clientMs: START_MS + 10 }], { sentAtMs: START_MS + 20 })
    expect(atMs).toBe(START_MS + 10)
  })

  it('is not kept of somebody who is not to be recognised', async () => {
    const session = newSession({ mode: 'cookieless' })
    const place = createPlaceEvents({ listLatest: () => Promise.reject(new Error('asked')) })
    const arrival = { receivedAtMs: START_MS, isProven: true, isFromDevice: true }
    await place(session, [{ seq: 0, clientMs: 0 }], { ...arrival, sentAtMs: START_MS - HOUR_MS })
    expect(session.clockOffsetMs).toBeNull()
  })
})

describe('the order of a session’s events', () => {
  it('leaves times alone while the clock is right, whatever seq says', async () => {
    const clientMs = START_MS - 5000
    const server = createServer()
    const events = [3, 2, 1].map((seq, index) => ({ seq, clientMs: clientMs + index }))
    expect(await server.take(events, { sentAtMs: START_MS })).toEqual(events.map((event) => event.clientMs))
  })

  it('puts an offline tab’s older events before newer ones, though the clock was set in between', async () => {
    const server = createServer()
    const sent = (atMs: number, fastMs: number) => ({ receivedAtMs: atMs + 100, sentAtMs: atMs + fastMs })
    await server.take([{ seq: 0, clientMs: START_MS + HOUR_MS }], sent(START_MS, HOUR_MS))
    const [newer] = await server.take([{ seq: 3, clientMs: START_MS + 9000 }], sent(START_MS + 9000, 0))
    const late = [1, 2].map((seq) => ({ seq, clientMs: START_MS + HOUR_MS + seq * 1000 }))
    const times = await server.take(late, sent(START_MS + 20_000, 0))
    expect(newer).toBe(START_MS + 9000)
    expect(times).toEqual([START_MS + 1100, START_MS + 2100])
  })

  it('lets a client that forgot its count begin anew, days later, under the same wrong clock', async () => {
    const server = createServer()
    const takeAt = (atMs: number, ...seqs: number[]) =>
      server.take(
        seqs.map((seq) => ({ seq, clientMs: atMs - HOUR_MS + seq })),
        { receivedAtMs: atMs + 5000, sentAtMs: atMs + 5000 - HOUR_MS },
      )
    await takeAt(START_MS, 500, 501)
    const weekLaterMs = START_MS + 7 * 24 * HOUR_MS
    expect(await takeAt(weekLaterMs, 0, 1)).toEqual([weekLaterMs, weekLaterMs + 1])
    expect(await takeAt(weekLaterMs, 2)).toEqual([weekLaterMs + 2])
    server.restart()
    expect(await takeAt(weekLaterMs, 3)).toEqual([weekLaterMs + 3])
  })

  it('is remembered of some thousand sessions, of the others it is read', async () => {
    const listLatest = vi.fn(async () => [])
    const place = createPlaceEvents({ listLatest })
    const slow = { receivedAtMs: START_MS, sentAtMs: START_MS - HOUR_MS, isProven: true, isFromDevice: true }
    const sessions = Array.from({ length: 5001 }, () => newSession())
    for (const session of [...sessions, ...sessions.slice(1)]) await place(session, [], slow)
    expect(listLatest).toHaveBeenCalledTimes(5001)
    for (const session of sessions.slice(0, 2)) await place(session, [], slow)
    expect(listLatest).toHaveBeenCalledTimes(5003)
  })

  it('gives an event that is sent again the time it has', async () => {
    const server = createServer()
    const event = { seq: 0, clientMs: START_MS - HOUR_MS }
    const slow = { sentAtMs: START_MS - HOUR_MS, receivedAtMs: START_MS + 30_000 }
    const first = await server.take([event], slow)
    expect(await server.take([event], { sentAtMs: START_MS - HOUR_MS })).toEqual(first)
    server.restart()
    expect(await server.take([event], { sentAtMs: START_MS - HOUR_MS })).toEqual(first)
  })
})

interface Life {
  readonly gapsMs: readonly number[]
  /** Which request takes an event along; what is in one leaves after the last of them. */
  readonly requests: readonly number[]
  readonly leavesAfterMs: readonly number[]
  readonly travelMs: readonly number[]
  readonly restarts: readonly boolean[]
  /** How far the client's clock is behind. */
  readonly skewMs: number
  /** Before this event the clock is set, by so much. */
  readonly set: { readonly before: number; readonly byMs: number } | null
}

const REQUESTS = 6
const signed = (least: number, most: number) =>
  fc
    .tuple(fc.integer({ min: least, max: most }), fc.boolean())
    .map(([size, isBack]) => (isBack ? -size : size))
const each = <T>(one: fc.Arbitrary<T>) => fc.array(one, { minLength: REQUESTS, maxLength: REQUESTS })

const life = (skewMs: fc.Arbitrary<number>, set: fc.Arbitrary<Life['set']>): fc.Arbitrary<Life> =>
  fc.integer({ min: 1, max: 25 }).chain((count) => {
    const many = <T>(one: fc.Arbitrary<T>) => fc.array(one, { minLength: count, maxLength: count })
    return fc.record({
      gapsMs: many(fc.oneof(fc.integer({ min: 1, max: 3000 }), fc.integer({ min: 1, max: HOUR_MS }))),
      requests: many(fc.integer({ min: 0, max: REQUESTS - 1 })),
      leavesAfterMs: each(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 5 * HOUR_MS }))),
      travelMs: each(fc.integer({ min: 0, max: MINUTE_MS })),
      restarts: each(fc.boolean()),
      skewMs,
      set,
    })
  })

interface Told {
  readonly seq: number
  readonly trueMs: number
  readonly clientMs: number
  readonly atMs: number
  /** Of the first request, and the shortest up to its own. */
  readonly travelMs: { readonly first: number; readonly least: number }
  /** It came after a later one, or may not go before an earlier one that is as late. */
  readonly isHeld: boolean
}

/** Lives through it as the world would: the server sees nothing but clocks and arrivals. */
async function live({
  gapsMs,
  requests,
  leavesAfterMs,
  travelMs,
  restarts,
  skewMs,
  set,
}: Life): Promise<Told[]> {
  let trueMs = START_MS
  const events = gapsMs.map((gapMs, seq) => {
    trueMs += gapMs
    return { seq, trueMs }
  })
  const setAtMs = set && events[set.before]?.trueMs
  const clockAt = (ms: number) => ms - skewMs - (set && setAtMs && ms >= setAtMs ? set.byMs : 0)
  const sendings = Array.from({ length: REQUESTS }, (_, request) => {
    const taken = events.filter(({ seq }) => requests[seq] === request)
    const sentMs = Math.max(...taken.map((event) => event.trueMs)) + (leavesAfterMs[request] ?? 0)
    const travelled = travelMs[request] ?? 0
    return { taken, sentMs, travelled, receivedAtMs: sentMs + travelled, isAfterRestart: restarts[request] }
  }).filter(({ taken }) => taken.length > 0)
  const server = createServer()
  const told: Told[] = []
  const travels: number[] = []
  for (const sending of sendings.toSorted((a, b) => a.receivedAtMs - b.receivedAtMs)) {
    if (sending.isAfterRestart) server.restart()
    travels.push(sending.travelled)
    const travel = { first: travels[0] ?? 0, least: Math.min(...travels) }
    const moments = sending.taken.map(({ seq, trueMs: ms }) => ({ seq, clientMs: clockAt(ms) }))
    const { sentMs, receivedAtMs } = sending
    const times = await server.take(moments, { sentAtMs: clockAt(sentMs), receivedAtMs })
    const before = [...told]
    for (const [index, event] of sending.taken.entries()) {
      const atMs = times[index] ?? Number.NaN
      const isHeld = before.some((other) => other.seq > event.seq || other.atMs === atMs)
      const clientMs = moments[index]?.clientMs ?? Number.NaN
      told.push({ ...event, clientMs, atMs, travelMs: travel, isHeld })
    }
  }
  return told.sort((a, b) => a.seq - b.seq)
}

const pairs = (told: readonly Told[]) =>
  told.flatMap((first, index) => told.slice(index + 1).map((second) => [first, second] as const))
const runs = { numRuns: propertyRuns(300) }
const never = fc.constant(null)
const once = fc.record({ before: fc.integer({ min: 0, max: 24 }), byMs: signed(2 * MINUTE_MS, 30 * HOUR_MS) })
const anySkew = fc.oneof(signed(0, 3 * MINUTE_MS), signed(0, 400 * 24 * HOUR_MS))

describe('the times of any session', () => {
  it.each([
    ['any clock', life(anySkew, never).map((one) => ({ ...one, restarts: [] }))],
    ['a wrong clock and a server that starts anew', life(signed(2 * MINUTE_MS, 400 * 24 * HOUR_MS), never)],
  ])(
    'stay in order, off by no more than a minute and the shortest travel, under %s',
    async (_what, lives) => {
      await fc.assert(
        fc.asyncProperty(lives, async (one) => {
          const told = await live(one)
          for (const [first, second] of pairs(told)) expect(first.atMs).toBeLessThanOrEqual(second.atMs)
          for (const { atMs, trueMs, travelMs, isHeld } of told) {
            expect(atMs - trueMs).toBeGreaterThanOrEqual(-MINUTE_MS)
            expect(atMs - trueMs).toBeLessThanOrEqual((isHeld ? travelMs.first : travelMs.least) + MINUTE_MS)
          }
        }),
        runs,
      )
    },
  )

  it('stay in the order of seq when a wrong clock is set to another wrong time', async () => {
    const wrong = signed(40 * HOUR_MS, 400 * 24 * HOUR_MS)
    await fc.assert(
      fc.asyncProperty(life(wrong, once), async (one) => {
        for (const [first, second] of pairs(await live(one)))
          expect(first.atMs).toBeLessThanOrEqual(second.atMs)
      }),
      runs,
    )
  })

  it('never contradict seq and the client’s clock where these agree, however the clock is set', async () => {
    const steady = life(anySkew, once).map((one) => ({ ...one, restarts: [] }))
    await fc.assert(
      fc.asyncProperty(steady, async (one) => {
        for (const [first, second] of pairs(await live(one))) {
          if (first.clientMs <= second.clientMs) expect(first.atMs).toBeLessThanOrEqual(second.atMs)
        }
      }),
      runs,
    )
  })
})
