import { randomUUID } from 'node:crypto'
import { type Observed, startWeights, type Weights } from '@helloagain/recognition/linkage'
import { describe, expect, it } from 'vitest'
import { openStorage } from '../open-storage.ts'
import { createServerKeys } from '../platform/crypto/server-keys.ts'
import { createLog } from '../platform/log.ts'
import { createLearning } from './learning.ts'
import { createTrainSite } from './learning-jobs.ts'
import { isHeldOut } from './learning-policy.ts'
import { createLearningStore } from './learning-rows.ts'
import { measureQuality, sharesSeenSince } from './quality.ts'
import { createRecogniser } from './recogniser.ts'
import { createRecogniserStore } from './recogniser-store.ts'
import { createRecognitionStore } from './store.ts'

const DAY_MS = 86_400_000
const START_MS = Date.UTC(2026, 0, 1)

/** Repeatable: Lehmer's generator. */
function createRandom(seed: number) {
  let state = seed
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}

const VALUES = {
  ...{ gpuRenderer: 25, fonts: 40, canvas: 30, audio: 6, languages: 8, timezone: 4, screen: 10 },
  hardwareConcurrency: 4,
} as const
type Trait = keyof typeof VALUES
const TRAITS = Object.keys(VALUES) as Trait[]

/** The reverse of the truth: fonts and canvas are said to stay, what stays is said to change. */
function wrongWeights(): Weights {
  const steady = [[1, 0.0001]]
  const restless = [[1, 0.25]]
  const drift = Object.fromEntries(
    TRAITS.map((name) => [name, ['fonts', 'canvas'].includes(name) ? steady : restless]),
  )
  return { ...startWeights(), drift }
}

async function openSite(first: Weights) {
  const storage = await openStorage(':memory:', '')
  const siteId = randomUUID()
  const clock = { atMs: START_MS }
  const nowMs = () => clock.atMs
  const visitors = createRecognitionStore(storage)
  const recogniserStore = createRecogniserStore(storage)
  const { tallies, addTallies } = recogniserStore
  const store = { ...createLearningStore(storage), tallies, addTallies }
  const learning = createLearning({
    store: { ...store, knownAs: visitors.knownAs },
    log: createLog('silent'),
    caps: { pass: () => true },
  })
  const recogniser = createRecogniser({
    ...{ store: recogniserStore, nowMs, ttlMs: 60 * DAY_MS, keys: createServerKeys('k'.repeat(43)) },
    learning: learning.learnWith,
  })
  await store.enterModel({
    ...{ id: randomUUID(), siteId, version: 1, state: 'live', weights: first, report: {} },
    createdAtMs: START_MS - DAY_MS,
  })
  const trainSite = createTrainSite({ store, nowMs, log: createLog('silent'), base: first })
  const seen = new Set<string>()
  /** A visit that cookie or key identifies. */
  async function visit(visitorId: string, observed: Observed) {
    clock.atMs += 1000
    const { atMs } = clock
    if (!seen.has(visitorId)) {
      const times = { firstSeenAtMs: atMs, lastSeenAtMs: atMs, visitCount: 1 }
      await visitors.insertVisitor({ id: visitorId, siteId, ...times, userId: null, botReasons: null })
    }
    await recogniser.learn(siteId, visitorId, observed, { atMs, isReturn: seen.has(visitorId) })
    await recogniser.take(siteId, visitorId, observed, {
      ...{ atMs, isTrusted: true, holdsProof: true, isBot: false },
    })
    seen.add(visitorId)
  }
  async function flush() {
    await learning.flush()
    await recogniser.flush()
  }
  return { storage, siteId, clock, store, visit, flush, trainSite }
}

type Site = Awaited<ReturnType<typeof openSite>>

interface Browser {
  readonly visitorId: string
  readonly values: Record<Trait, number>
}

/** A UUID by form; the same ones in every run, as who is held out goes by the id. */
const idBy = (random: () => number) =>
  `00000000-0000-4000-8000-${Math.floor(random() * 2 ** 31)
    .toString(16)
    .padStart(12, '0')}`

/** As many held-out visitors as others. */
function createPopulation(random: () => number, size: number): Browser[] {
  const ids = { held: [] as string[], taught: [] as string[] }
  while (ids.held.length < size / 2 || ids.taught.length < size / 2) {
    const id = idBy(random)
    ids[isHeldOut(id) ? 'held' : 'taught'].push(id)
  }
  const draw = () => TRAITS.map((name) => [name, Math.floor(random() ** 2 * VALUES[name])])
  return [...ids.held.slice(0, size / 2), ...ids.taught.slice(0, size / 2)].map((visitorId) => ({
    visitorId,
    values: Object.fromEntries(draw()),
  }))
}

let networks = 0

function look({ values }: Browser): Observed {
  networks += 1
  const tokens = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, `${name}:${value}`]))
  return {
    tokens: { ...tokens, networkPrefix: `net:${networks}` },
    ...{ browserFamily: 'chrome', browserMajor: null, osFamily: 'windows', screenClass: 'laptop' },
    ...{ unstable: [], confidence: 95, contradictions: 0 },
  }
}

interface Living {
  readonly random: () => number
  readonly visits: number
  /** How often a browser changes a value between two visits; others hardly ever. */
  readonly changes: Partial<Record<Trait, number>>
  /** Under which visitor a visit is filed. */
  readonly labelOf?: (browser: Browser) => string
}

/** Everybody comes every other day, and every visit is identified: by whom, the label says. */
async function live(site: Site, browsers: readonly Browser[], { random, visits, changes, labelOf }: Living) {
  for (let visit = 0; visit < visits; visit += 1) {
    site.clock.atMs += 2 * DAY_MS
    for (const browser of browsers) {
      await site.visit(labelOf?.(browser) ?? browser.visitorId, look(browser))
      for (const name of TRAITS) {
        if (random() < (changes[name] ?? 0.002))
          browser.values[name] = Math.floor(random() * VALUES[name] * 3)
      }
    }
  }
  await site.flush()
}

const RESTLESS = { fonts: 0.4, canvas: 0.3 }

// Thousands of visits each: on a machine that others share, this takes its time.
describe('learning', { timeout: 120_000 }, () => {
  it('makes wrong weights better, which then go live and recognise more', async () => {
    const site = await openSite(wrongWeights())
    const random = createRandom(1)
    const browsers = createPopulation(random, 140)
    await live(site, browsers, { random, visits: 10, changes: RESTLESS })
    const before = await site.store.readResults(site.siteId, 0)
    await site.trainSite(site.siteId)
    const learned = await site.store.findLive(site.siteId)
    expect(learned?.version).toBe(2)
    expect(learned?.report['logLoss']).toBeLessThan(Number(learned?.report['logLossBefore']))
    expect(learned?.report['ece']).toBeLessThan(Number(learned?.report['eceBefore']))

    // More than a minute later the recogniser has looked again.
    const sinceMs = site.clock.atMs + DAY_MS
    await live(site, browsers, { random, visits: 4, changes: RESTLESS })
    const after = await site.store.readResults(site.siteId, sinceMs)
    const recallOf = (trials: typeof after) =>
      measureQuality(trials, { seenSince: sharesSeenSince(trials), linkConfidence: 99 }).recall
    expect(recallOf(after)).toBeGreaterThan(recallOf(before) ?? 1)
    await site.storage.close()
  })

  it('never puts weights live that shuffled labels taught', async () => {
    const site = await openSite(startWeights())
    const random = createRandom(2)
    const browsers = createPopulation(random, 200)
    const labelOf = () => browsers[Math.floor(random() * browsers.length)]?.visitorId ?? ''
    await live(site, browsers, { random, visits: 10, changes: RESTLESS, labelOf })
    await site.trainSite(site.siteId)
    expect(await site.store.listModels(site.siteId, 1)).toMatchObject([{ version: 2, state: 'refused' }])
    expect(await site.store.findLive(site.siteId)).toMatchObject({ version: 1, weights: startWeights() })
    await site.storage.close()
  })

  it('never puts weights live that a flood of false lessons taught', async () => {
    const site = await openSite(wrongWeights())
    const random = createRandom(3)
    const browsers = createPopulation(random, 140)
    await live(site, browsers, { random, visits: 10, changes: RESTLESS })
    await site.trainSite(site.siteId)
    expect(await site.store.findLive(site.siteId)).toMatchObject({ version: 2 })

    const honest = await site.store.tallies(site.siteId)
    // The reverse of the truth: what changes all the time never does, and what stays does always.
    const isRestless = (name: string) => Object.keys(RESTLESS).some((trait) => name.includes(trait))
    const reversed = [...honest].map(([name, { total }]) => {
      const hits = isRestless(name) ? 20 * total : 0
      return [name, { hits, total: 20 * total }] as const
    })
    await site.store.addTallies(site.siteId, new Map(reversed))
    await site.trainSite(site.siteId)
    const [latest, before] = await site.store.listModels(site.siteId, 2)
    expect([latest?.state, before?.state]).toEqual(['refused', 'live'])
    await site.storage.close()
  })
})
