import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStorage } from '../../../../../server/src/open-storage.ts'
import { createServerKeys } from '../../../../../server/src/platform/crypto/server-keys.ts'
import type { Storage } from '../../../../../server/src/platform/storage/storage.ts'
import { createLearning } from '../../../../../server/src/recognition/learning.ts'
import { createTrainSite } from '../../../../../server/src/recognition/learning-jobs.ts'
import { createLearningStore } from '../../../../../server/src/recognition/learning-rows.ts'
import { createRecogniser, type RecogniserDesk } from '../../../../../server/src/recognition/recogniser.ts'
import { createRecogniserStore } from '../../../../../server/src/recognition/recogniser-store.ts'
import { createRecognitionStore } from '../../../../../server/src/recognition/store.ts'
import type { Tables } from '../../../../../server/src/tables.ts'
import { startWeights, type Weights } from '../../../../recognition/src/linkage.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** The server's default. */
const TTL_MS = 30 * DAY_MS
const EXPIRED_AT_ONCE = 1000
/** Trials wait in memory until they are written, and only so many may. */
const FLUSH_EVERY = 1000

export const SITE_ID = 'site'

/** A site of its own: the server's recogniser, store and learning, on a clock that the visits move. */
export interface Site {
  readonly siteId: string
  readonly storage: Storage<Tables>
  readonly recogniser: RecogniserDesk
  /** A fresh visitor; the same ones for the same visits. */
  createVisitor(atMs: number): Promise<string>
  /** Moves the clock to a visit: the jobs of the hours and days that have passed since are run. */
  moveOn(atMs: number): Promise<void>
  /** Lets the site learn from what was labelled so far, whatever the hour. */
  train(): Promise<void>
  /** Forgets every visitor and keeps what was learned. Identities are the caller's to forget. */
  forgetVisitors(): Promise<void>
  close(): Promise<void>
}

export interface SiteOptions {
  /** What the site begins with instead of the published weights. */
  readonly weights?: Weights
  /** The labels are one's own: nobody floods them with lies, so every visit may teach. */
  readonly isTaughtFreely?: boolean
}

async function openTemporary() {
  const folder = await mkdtemp(join(tmpdir(), 'helloagain-replay-'))
  const storage = await openStorage(undefined, folder)
  const { engine } = storage
  // Nobody waits for these rows; a power cut means starting anew.
  if (engine.kind === 'sqlite') await engine.inTurn((client) => client.pragma('synchronous = OFF'))
  return {
    storage,
    async close() {
      await storage.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** UUIDv7 by form; drawn in turn, as who is held out of learning goes by the id. */
const idOf = (count: number) => `00000000-0000-7000-8000-${count.toString(16).padStart(12, '0')}`

const silent = { info: () => undefined, warn: () => undefined }

/** Opens a site on a database of its own, deleted with it. */
export async function openSite({ weights, isTaughtFreely = false }: SiteOptions = {}): Promise<Site> {
  const { storage, close } = await openTemporary()
  const store = createRecogniserStore(storage)
  const visitors = createRecognitionStore(storage)
  const learningStore = createLearningStore(storage)
  const learning = createLearning({
    store: { keepTrial: learningStore.keepTrial, knownAs: visitors.knownAs },
    log: silent,
    ...(isTaughtFreely && { caps: { pass: () => true } }),
  })
  const base = weights ?? startWeights()
  let nowMs = 0
  let created = 0
  let visits = 0
  const trainSite = createTrainSite({
    ...{ store: { ...learningStore, tallies: store.tallies }, log: silent, base },
    nowMs: () => nowMs,
  })
  const recogniser = createRecogniser({
    ...{ store, ttlMs: TTL_MS, learning: learning.learnWith },
    // Always the same secret, for the same tokens.
    keys: createServerKeys('replay'),
    // What it keeps in memory it reads anew as soon as the day has changed, and not at every visit: days lie between two.
    nowMs: () => Math.floor(nowMs / DAY_MS) * DAY_MS,
  })
  if (weights) {
    await learningStore.enterModel({
      ...{ id: 'given', siteId: SITE_ID, version: 1, state: 'live', report: {}, createdAtMs: 0 },
      weights,
    })
  }

  async function flush(): Promise<void> {
    await learning.flush()
    await recogniser.flush()
  }
  async function train(): Promise<void> {
    await flush()
    await trainSite(SITE_ID)
  }
  async function expire(): Promise<void> {
    while ((await store.expire(nowMs - TTL_MS, EXPIRED_AT_ONCE)) > 0);
  }

  return {
    siteId: SITE_ID,
    storage,
    recogniser,
    async createVisitor(atMs) {
      created += 1
      const id = idOf(created)
      await visitors.insertVisitor({
        ...{ id, siteId: SITE_ID, firstSeenAtMs: atMs, lastSeenAtMs: atMs, visitCount: 1, userId: null },
        botReasons: null,
      })
      return id
    },
    async moveOn(atMs) {
      const isNewDay = Math.floor(atMs / DAY_MS) > Math.floor(nowMs / DAY_MS)
      nowMs = atMs
      visits += 1
      if (visits % FLUSH_EVERY === 0) await flush()
      if (!isNewDay) return
      await train()
      await expire()
    },
    async train() {
      // It learns once a night.
      nowMs += DAY_MS
      await train()
    },
    async forgetVisitors() {
      const { engine } = storage
      if (engine.kind === 'sqlite') {
        await engine.inTurn((client) => client.exec('DELETE FROM visitors; DELETE FROM token_counts'))
      }
      nowMs = 0
    },
    close,
  }
}
