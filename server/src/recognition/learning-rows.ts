import type { Weights } from '@helloagain/recognition/linkage'
import { and, desc, eq, gte, lt, lte, ne, or, sql } from 'drizzle-orm'
import type { Storage } from '../platform/storage/storage.ts'
import { isPerson } from './bot-rows.ts'
import { AGAIN_MS } from './learning-policy.ts'
import type { LearningStore, Model, Trial, TrialInputKept } from './learning-ports.ts'
import { settlingRows } from './settling-rows.ts'
import type { RecognitionTables } from './tables.ts'

type LearningStorage = Storage<RecognitionTables>

/** Versions that are kept to look back on: a month of nights. */
const KEPT_VERSIONS = 30
/** Trials carry up to ten kilobytes each: so many are looked at in one go. */
const TRIALS_PER_READ = 100

/** Trials, and versions of learned weights. */
export function createLearningStore(storage: LearningStorage): LearningStore {
  return {
    ...siteRows(storage),
    ...trialRows(storage),
    ...deletingRows(storage),
    ...settlingRows(storage),
    ...modelRows(storage),
  }
}

function siteRows({ db, tables: { recognitionTallies, recognitionTrials } }: LearningStorage) {
  return {
    async listSites() {
      const taught = await db.selectDistinct({ siteId: recognitionTallies.siteId }).from(recognitionTallies)
      const tried = await db.selectDistinct({ siteId: recognitionTrials.siteId }).from(recognitionTrials)
      return [...new Set([...taught, ...tried].map(({ siteId }) => siteId))]
    },
  }
}

function trialRows({ db, tables: { recognitionTrials: t, visitors, visitorProfiles } }: LearningStorage) {
  // Whichever of the two was written: a visit does not always bring a fingerprint.
  const isSeenSince = sql<
    boolean | number
  >`${visitors.lastSeenAtMs} > ${t.atMs} + ${AGAIN_MS} OR coalesce(${visitorProfiles.lastSeenAtMs}, 0) > ${t.atMs} + ${AGAIN_MS}`

  /** Of people, newest first, after a trial in that order. */
  async function readPage(siteId: string, after: Pick<Trial, 'atMs' | 'id'> | undefined) {
    const isOlder = after && or(lt(t.atMs, after.atMs), and(eq(t.atMs, after.atMs), lt(t.id, after.id)))
    const rows = await db
      .select({ trial: t, isSeenSince })
      .from(t)
      .innerJoin(visitors, eq(visitors.id, t.visitorId))
      .leftJoin(visitorProfiles, eq(visitorProfiles.visitorId, t.visitorId))
      .where(and(eq(t.siteId, siteId), isPerson(visitors), isOlder))
      .orderBy(desc(t.atMs), desc(t.id))
      .limit(TRIALS_PER_READ)
    return rows.map(({ trial, isSeenSince: seen }) => ({
      ...trial,
      input: trial.input as TrialInputKept,
      isSeenSince: Boolean(seen),
    }))
  }

  return {
    async keepTrial(trial: Trial) {
      const [visitor] = await db
        .select({ id: visitors.id })
        .from(visitors)
        .where(eq(visitors.id, trial.visitorId))
      if (visitor) await db.insert(t).values(trial)
    },
    async readTrials(siteId: string, most: number) {
      const trials: Awaited<ReturnType<typeof readPage>> = []
      let page = await readPage(siteId, undefined)
      while (page.length > 0 && trials.length < most) {
        trials.push(...page.filter(({ input }) => input.comparisons !== null))
        page = page.length < TRIALS_PER_READ ? [] : await readPage(siteId, page.at(-1))
      }
      return trials.slice(0, most)
    },
    async readResults(siteId: string, sinceMs: number) {
      const { visitorId, atMs, browserFamily, isReturn, method, confidence, isRight } = t
      const rows = await db
        .select({ visitorId, atMs, browserFamily, isReturn, method, confidence, isRight, isSeenSince })
        .from(t)
        .innerJoin(visitors, eq(visitors.id, t.visitorId))
        .leftJoin(visitorProfiles, eq(visitorProfiles.visitorId, t.visitorId))
        .where(and(eq(t.siteId, siteId), gte(t.atMs, sinceMs), isPerson(visitors)))
        .orderBy(desc(t.atMs), desc(t.id))
      return rows.map((row) => ({ ...row, isSeenSince: Boolean(row.isSeenSince) }))
    },
  }
}

function deletingRows({ db, tables: { recognitionTrials: t } }: LearningStorage) {
  return {
    async pruneTrials(siteId: string, { cutoffMs, most }: { cutoffMs: number; most: number }) {
      const [firstTooMany] = await db
        .select({ atMs: t.atMs })
        .from(t)
        .where(eq(t.siteId, siteId))
        .orderBy(desc(t.atMs))
        .limit(1)
        .offset(most)
      const beforeMs = Math.max(cutoffMs, (firstTooMany?.atMs ?? Number.NEGATIVE_INFINITY) + 1)
      const gone = await db
        .delete(t)
        .where(and(eq(t.siteId, siteId), lt(t.atMs, beforeMs)))
        .returning({ id: t.id })
      return gone.length
    },
  }
}

function modelRows(storage: LearningStorage) {
  const { db, tables } = storage
  const { recognitionModels: t } = tables
  const toModel = (row: typeof t.$inferSelect): Model => ({ ...row, weights: row.weights as Weights })
  const isLive = (siteId: string) => and(eq(t.siteId, siteId), eq(t.state, 'live'))

  async function listModels(siteId: string, limit: number) {
    const rows = await db.select().from(t).where(eq(t.siteId, siteId)).orderBy(desc(t.version)).limit(limit)
    return rows.map(toModel)
  }

  return {
    listModels,
    latestModel: async (siteId: string) => (await listModels(siteId, 1))[0],
    async findLive(siteId: string) {
      const [row] = await db.select().from(t).where(isLive(siteId)).orderBy(desc(t.version)).limit(1)
      return row && toModel(row)
    },
    enterModel: (model: Model) =>
      storage.transaction(async (inner) => {
        const models = inner.tables.recognitionModels
        const entered = await inner.db
          .insert(models)
          .values(model)
          .onConflictDoNothing()
          .returning({ id: models.id })
        if (entered.length === 0) return false
        if (model.state === 'live') {
          await inner.db
            .update(models)
            .set({ state: 'retired' })
            .where(and(isLive(model.siteId), lt(models.version, model.version)))
        }
        await inner.db
          .delete(models)
          .where(
            and(
              eq(models.siteId, model.siteId),
              ne(models.state, 'live'),
              lte(models.version, model.version - KEPT_VERSIONS),
            ),
          )
        return true
      }),
    async retireLive(siteId: string) {
      await db.update(t).set({ state: 'retired' }).where(isLive(siteId))
    },
  }
}
