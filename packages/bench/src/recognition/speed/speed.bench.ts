import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStorage } from '../../../../../server/src/open-storage.ts'
import { createServerKeys } from '../../../../../server/src/platform/crypto/server-keys.ts'
import { createEmbeddedServer } from '../../../../../server/src/platform/storage/postgres/embedded-server.ts'
import type { Storage } from '../../../../../server/src/platform/storage/storage.ts'
import { createRecogniser } from '../../../../../server/src/recognition/recogniser.ts'
import { createRecogniserStore } from '../../../../../server/src/recognition/recogniser-store.ts'
import type { Tables } from '../../../../../server/src/tables.ts'
import type { Observed } from '../../../../recognition/src/linkage.ts'
import { type Finding, percentile } from '../../measure.ts'
import { SITE_ID } from '../replay/site.ts'
import { findWorld } from '../world/worlds.ts'
import { observeCrowd } from './crowd.ts'
import { createFiller } from './fill-store.ts'

const SIZES = [10_000, 100_000, 1_000_000] as const
const WORLD = 'test-mixed-7d'
const AT_MS = Date.UTC(2026, 10, 1)
const DAY_MS = 86_400_000
const WARM_UP = 500
const TIMED = 2000

interface Bar {
  readonly medianMs: number
  readonly p99Ms: number
}

interface Timed {
  readonly medianMs: number
  readonly p99Ms: number
}

/** Half of them returning, a browser version on; the other half never seen. */
function askers(returning: readonly Observed[], fresh: readonly Observed[], number: number): Observed {
  const observed = (number % 2 === 0 ? returning : fresh)[number >> 1]
  if (!observed) throw new Error('Nobody is left to ask.')
  if (number % 2 === 1 || observed.browserMajor === null) return observed
  return { ...observed, browserMajor: observed.browserMajor + 1 }
}

async function time(
  storage: Storage<Tables>,
  returning: readonly Observed[],
  fresh: readonly Observed[],
): Promise<Timed> {
  const recogniser = createRecogniser({
    store: createRecogniserStore(storage),
    keys: createServerKeys('speed'),
    ttlMs: 30 * DAY_MS,
    nowMs: () => AT_MS,
  })
  const times: number[] = []
  for (let number = 0; number < WARM_UP + TIMED; number += 1) {
    const observed = askers(returning, fresh, number)
    const startedAtMs = performance.now()
    await recogniser.recognise(SITE_ID, observed, { atMs: AT_MS, knowsProof: true })
    if (number >= WARM_UP) times.push(performance.now() - startedAtMs)
  }
  return { medianMs: percentile(times, 0.5), p99Ms: percentile(times, 0.99) }
}

/** Every so many-th of a crowd is kept to come back. */
function* keeping(crowd: Iterable<Observed>, kept: Observed[], every: number): Generator<Observed> {
  let passed = 0
  for (const observed of crowd) {
    if (passed % every === 0) kept.push(observed)
    passed += 1
    yield observed
  }
}

/** A database with the sizes it is measured at. */
interface Stage {
  readonly name: string
  readonly storage: Storage<Tables>
  readonly sizes: readonly number[]
  readonly bar: Bar
}

async function measure({ name, storage, sizes, bar }: Stage): Promise<Finding[]> {
  const { tokeniseFor } = createRecogniser({
    store: createRecogniserStore(storage),
    keys: createServerKeys('speed'),
    ttlMs: 0,
    nowMs: () => AT_MS,
  })
  const world = findWorld(WORLD)
  const tokenise = tokeniseFor(SITE_ID)
  const asked = (WARM_UP + TIMED) / 2
  // Other people of the same kind.
  const fresh = [...observeCrowd({ ...world, seed: world.seed + 1 }, tokenise, asked)]
  const returning: Observed[] = []
  const largest = sizes.at(-1) ?? 0
  const crowd = keeping(
    observeCrowd(world, tokenise, largest),
    returning,
    Math.floor((sizes[0] ?? 1) / asked),
  )
  const filler = createFiller(storage.engine, { siteId: SITE_ID, atMs: AT_MS, ttlMs: 30 * DAY_MS })
  const timed: Timed[] = []
  for (const size of sizes) {
    console.error(`filling ${name} with ${size} visitors …`)
    await filler.fillTo(size, crowd)
    timed.push(await time(storage, returning, fresh))
  }
  return describe({ name, sizes, bar }, timed)
}

const inMs = (ms: number) => `${ms.toFixed(3)} ms`

function describe({ name, sizes, bar }: Omit<Stage, 'storage'>, timed: readonly Timed[]): Finding[] {
  const at = (index: number) => `${sizes.at(index)?.toLocaleString('en')} visitors`
  const [smallest, largest] = [timed[0], timed.at(-1)]
  if (!smallest || !largest) throw new Error('Some sizes were to be measured.')
  const context = timed.slice(0, -1).map(({ medianMs, p99Ms }, index) => ({
    what: `${name}, one decision at ${at(index)}, p50 / p99`,
    value: `${inMs(medianMs)} / ${inMs(p99Ms)}`,
    bar: '',
  }))
  const ratio = largest.medianMs / smallest.medianMs
  return [
    ...context,
    {
      what: `${name}, one decision at ${at(-1)}, p50`,
      value: inMs(largest.medianMs),
      bar: `≤ ${bar.medianMs} ms`,
      isReached: largest.medianMs <= bar.medianMs,
    },
    {
      what: '… p99',
      value: inMs(largest.p99Ms),
      bar: `≤ ${bar.p99Ms} ms`,
      isReached: largest.p99Ms <= bar.p99Ms,
    },
    {
      what: `… p50 against that at ${at(0)}`,
      value: `${ratio.toFixed(2)} ×`,
      bar: '≤ 2 ×',
      isReached: ratio <= 2,
    },
  ]
}

async function onSqlite(sizes: readonly number[]): Promise<Finding[]> {
  const folder = await mkdtemp(join(tmpdir(), 'helloagain-speed-'))
  try {
    const storage = await openStorage(undefined, folder)
    try {
      return await measure({ name: 'SQLite', storage, sizes, bar: { medianMs: 0.5, p99Ms: 2 } })
    } finally {
      await storage.close()
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function onPostgres(sizes: readonly number[]): Promise<Finding[]> {
  const server = await createEmbeddedServer({ isKept: false, isDurable: true })
  await server.start()
  try {
    const storage = await openStorage(server.url, '')
    try {
      return await measure({ name: 'PostgreSQL', storage, sizes, bar: { medianMs: 2, p99Ms: 5 } })
    } finally {
      await storage.close()
    }
  } finally {
    await server.stop()
  }
}

/**
 * How long a decision takes with ten thousand, a hundred thousand and a million visitors in the store.
 *
 * @param share of the sizes, 0–1: for a first look
 */
export async function benchDecisionTime(share: number): Promise<Finding[]> {
  const sizes = SIZES.map((size) => Math.max(SIZES[0], Math.round(share * size)))
  return [...(await onSqlite(sizes)), ...(await onPostgres(sizes))]
}
