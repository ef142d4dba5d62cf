import { randomUUID } from 'node:crypto'
import { type Observed, startWeights, type Tally, takeIn } from '@helloagain/recognition/linkage'
import { describe, expect, it, vi } from 'vitest'
import { createLearning } from './learning.ts'
import {
  isHeldOut,
  LESSONS_PER_PREFIX,
  LESSONS_PER_VISITOR,
  TRIALS_PER_PREFIX,
  TRIALS_PER_VISITOR,
} from './learning-policy.ts'
import type { Trial } from './learning-ports.ts'
import type { Consider, Schooling } from './recogniser-ports.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const AT_MS = Date.UTC(2026, 0, 1)
const TTL_MS = 30 * DAY_MS

function idOf(isHeld: boolean): string {
  const id = randomUUID()
  return isHeldOut(id) === isHeld ? id : idOf(isHeld)
}

const observed = (network = 'net'): Observed => ({
  tokens: { fonts: 'f', canvas: 'c', networkPrefix: network },
  ...{ browserFamily: 'firefox', browserMajor: 150, osFamily: 'windows', screenClass: 'laptop' },
  ...{ unstable: [], confidence: 90, contradictions: 0 },
})

const profileOf = (visitorId: string, atMs: number) =>
  takeIn(undefined, observed(), { visitorId, atMs, ttlMs: TTL_MS, holdsProof: true, isTrusted: true }).profile

/** Nobody is known: whatever is asked, it is somebody new. */
const consider: Consider = async (_siteId, seen, { atMs, knowsProof }) => ({
  input: {
    ...{ observed: seen, candidates: [], isTruncated: false, atMs, knowsProof },
    knowledge: { visitors: 0, counts: new Map(), tallies: new Map(), weights: startWeights() },
  },
  decision: {
    ...{ method: 'new', confidence: 97, anonymitySet: 1 },
    explanation: {
      ...{ osFamily: 'windows', browserFamily: 'firefox', isClear: true },
      ...{ probabilityNew: 0.97, candidates: 0, remarks: [], knowsProof, visitors: 0 },
    },
  },
})

function open({ lastSeenAtMs = AT_MS - DAY_MS, hasProfile = true, isReturn = true } = {}) {
  const kept: Trial[] = []
  const log = { warn: vi.fn() }
  const keepTrial = vi.fn(async (trial: Trial) => void kept.push(trial))
  const learning = createLearning({ store: { keepTrial, knownAs: async () => new Map() }, log })
  const added: Map<string, Tally>[] = []
  const asked = vi.fn(consider)
  const schooling: Schooling = {
    consider: asked,
    findProfile: async (_siteId, id) => (hasProfile ? profileOf(id, lastSeenAtMs) : undefined),
    add: (_siteId, tallies) => void added.push(new Map(tallies)),
  }
  const learn = learning.learnWith(schooling)
  const visit = (visitorId: string, { network, atMs = AT_MS }: { network?: string; atMs?: number } = {}) =>
    learn('site', visitorId, observed(network), { atMs, isReturn })
  return { learning, visit, kept, added, asked, keepTrial, log }
}

/** Lessons that say how values have changed. */
const comparisonsIn = (added: readonly ReadonlyMap<string, Tally>[]) =>
  added.filter((tallies) => tallies.has('server|lessons')).length

describe('a visit that key or cookie identified', () => {
  it('teaches, unless its visitor is held out: then it is a blind trial', async () => {
    const { learning, visit, kept, added, asked } = open()
    await visit(idOf(false))
    expect([added.length, asked.mock.calls.length]).toEqual([1, 0])
    expect(added[0]?.get('server|lessons')).toEqual({ hits: 1, total: 1 })

    const held = idOf(true)
    await visit(held)
    expect(added).toHaveLength(1)
    expect(asked.mock.calls[0]?.[2]).toEqual({ atMs: AT_MS, knowsProof: false })
    expect(kept).toEqual([])
    await learning.flush()
    expect(kept).toMatchObject([
      {
        visitorId: held,
        method: 'new',
        confidence: 97,
        isReturn: true,
        isRight: null,
        browserFamily: 'firefox',
      },
    ])
  })

  it('counts once, however often it reports', async () => {
    const { visit, added, asked } = open({ lastSeenAtMs: AT_MS - 60_000 })
    await visit(idOf(false))
    await visit(idOf(true))
    expect([added.length, asked.mock.calls.length]).toEqual([0, 0])
  })

  it('compares nothing where nothing is left to recognise the visitor by, and is no trial either', async () => {
    const { visit, added, asked } = open({ hasProfile: false })
    await visit(idOf(false))
    await visit(idOf(true))
    expect([comparisonsIn(added), asked.mock.calls.length]).toEqual([0, 0])
  })

  it('compares nothing when it is the first, and is a trial whose truth is open', async () => {
    const { learning, visit, added, kept } = open({ hasProfile: false, isReturn: false })
    await visit(idOf(false))
    await visit(idOf(true))
    await learning.flush()
    expect(comparisonsIn(added)).toBe(0)
    expect(kept).toMatchObject([{ isReturn: false, isRight: null, input: { best: null } }])
  })

  it('teaches no more than a few times a day, and a network no more than a few hundred times', async () => {
    const { visit, added, asked } = open()
    const [taught, held] = [idOf(false), idOf(true)]
    for (let time = 0; time < 9; time += 1) {
      await visit(taught, { network: 'one' })
      await visit(held, { network: 'other' })
    }
    expect([added.length, asked.mock.calls.length]).toEqual([LESSONS_PER_VISITOR, TRIALS_PER_VISITOR])
    const flood = async (isHeld: boolean, atMs?: number) => {
      for (let time = 0; time < 2 * LESSONS_PER_PREFIX; time += 1)
        await visit(idOf(isHeld), { network: 'third', ...(atMs !== undefined && { atMs }) })
      return [added.length - LESSONS_PER_VISITOR, asked.mock.calls.length - TRIALS_PER_VISITOR]
    }
    expect(await flood(false)).toEqual([LESSONS_PER_PREFIX, 0])
    // Who is held out shows in an id: a flood of those alone bends the figures no further than any other.
    expect(await flood(true)).toEqual([LESSONS_PER_PREFIX, TRIALS_PER_PREFIX])
    expect(await flood(false, AT_MS + DAY_MS)).toEqual([2 * LESSONS_PER_PREFIX, TRIALS_PER_PREFIX])
  })
})

describe('trials that wait', () => {
  it('go on waiting while the database takes nothing, and are written in their order', async () => {
    const { learning, visit, kept, keepTrial } = open()
    await visit(idOf(true))
    await visit(idOf(true))
    keepTrial.mockRejectedValueOnce(new Error('no disk'))
    await expect(learning.flush()).rejects.toThrow('no disk')
    expect(kept).toEqual([])
    await learning.flush()
    expect(kept).toHaveLength(2)
    await learning.flush()
    expect(kept).toHaveLength(2)
  })

  it('are bounded, and what finds no room is counted and told', async () => {
    const { learning, visit, log } = open()
    for (let time = 0; time < 2010; time += 1) await visit(idOf(true), { network: `net ${time}` })
    expect(learning.lostTrials).toBe(10)
    await learning.flush()
    expect(log.warn).toHaveBeenCalledWith({ lost: 10 }, expect.any(String))
  })
})
