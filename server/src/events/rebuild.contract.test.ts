import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { and, eq, lt } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openStorage } from '../open-storage.ts'
import { createDatabase } from '../platform/storage/on-every-engine.ts'
import type { Storage } from '../platform/storage/storage.ts'
import type { HotSession } from '../sessions/ports.ts'
import type { Tables } from '../tables.ts'
import { NOW_MS, openSession, rowOf } from '../testing/event-rows.ts'
import { createEventLog } from './event-log.ts'
import { moveHorizon } from './horizon-rows.ts'
import type { EventRow } from './ports.ts'
import { rebuildRollups, type SnapshotReader } from './rebuild.ts'
import { createPostgresSnapshots } from './rebuild-postgres-rows.ts'
import { createSqliteSnapshots } from './rebuild-sqlite-rows.ts'
import { QUARTER_MS } from './rollup.ts'
import { createRollups } from './rollup-rows.ts'
import { createEventEraser } from './store.ts'

const EVER = { fromMs: 0, toMs: NOW_MS + 86_400_000 }
const TYPES = ['PAGE_VIEW', 'QUIZ_STARTED', 'CONTENT_CLICK']

interface Opened {
  readonly storage: Storage<Tables>
  /** As another process opens it. */
  open(): Promise<Storage<Tables>>
  snapshots(storage: Storage<Tables>): SnapshotReader
}

const engines: Record<string, (folder: string) => Promise<Opened>> = {
  async sqlite(folder) {
    const path = join(folder, 'log.sqlite')
    const open = () => openStorage(`file:${path}`, '')
    return { storage: await open(), open, snapshots: () => createSqliteSnapshots(path) }
  },
  async postgres() {
    const url = await createDatabase()
    const open = () => openStorage(url, '')
    const snapshots = ({ engine }: Storage<Tables>) => {
      if (engine.kind !== 'postgres') throw new Error('not PostgreSQL')
      return createPostgresSnapshots(engine.pool)
    }
    return { storage: await open(), open, snapshots }
  },
}

describe.each(Object.entries(engines))('a rebuild of rollups (%s)', (_engine, openEngine) => {
  let folder: string
  let opened: Opened
  let storage: Storage<Tables>
  let session: HotSession
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rebuild-'))
    opened = await openEngine(folder)
    storage = opened.storage
    session = await openSession(storage)
  })
  afterEach(async () => {
    await storage.close()
    await rm(folder, { recursive: true })
  })

  const append = (rows: readonly EventRow[]) => createEventLog(storage).append([{ session, rows }])
  const inQuarter = (quarter: number, row: Partial<EventRow> = {}) => {
    const atMs = NOW_MS - quarter * QUARTER_MS
    return rowOf(session, { timestampMs: atMs, receivedAtMs: atMs, ...row })
  }
  const someEvents = (count: number) =>
    Array.from({ length: count }, (_, index) => inQuarter(index % 7, { eventType: TYPES[index % 3] ?? '' }))
  const sum = () => createRollups(storage).sum({ siteId: session.siteId, ...EVER })
  /** Counted by the events themselves. */
  const truth = async () => {
    const { db, tables } = storage
    const rows = await db.select().from(tables.eventLogs).where(eq(tables.eventLogs.siteId, session.siteId))
    const counts = new Map<string, number>()
    for (const { timestampMs, receivedAtMs, eventType } of rows) {
      const quarter = Math.floor(Math.min(timestampMs, receivedAtMs) / QUARTER_MS) * QUARTER_MS
      counts.set(`${quarter} ${eventType}`, (counts.get(`${quarter} ${eventType}`) ?? 0) + 1)
    }
    return counts
  }
  const said = async () =>
    new Map((await sum()).map(({ quarterMs, eventType, events }) => [`${quarterMs} ${eventType}`, events]))
  const rebuild = (options: { asked?: typeof EVER; onProgress?: () => void } = {}) =>
    rebuildRollups(storage, opened.snapshots(storage), {
      asked: options.asked ?? EVER,
      onProgress: options.onProgress ?? (() => undefined),
    })

  it('changes nothing where every count is right', async () => {
    await append(someEvents(50))
    await append([inQuarter(0, { isProven: false })])
    const before = await sum()
    expect(await rebuild()).toMatchObject({ events: 51, corrected: 0, leftAlone: undefined })
    expect(await sum()).toEqual(before)
  })

  it('repairs counts that were deleted, altered or invented', async () => {
    await append(someEvents(60))
    await append([inQuarter(2, { isProven: false })])
    const before = await sum()
    const { db, tables } = storage
    const { eventRollups: t } = tables
    await db.delete(t).where(eq(t.quarterMs, NOW_MS - QUARTER_MS))
    await db.update(t).set({ events: 1000, unprovenEvents: 7 }).where(eq(t.quarterMs, NOW_MS))
    await db.insert(t).values({
      ...{ siteId: session.siteId, quarterMs: NOW_MS - 99 * QUARTER_MS, eventType: 'NEVER', shard: 3 },
      ...{ events: 5, unprovenEvents: 0, erasedEvents: 0, erasedUnprovenEvents: 0 },
    })
    expect(await rebuild()).toMatchObject({ events: 61, corrected: expect.any(Number) })
    expect((await sum()).filter(({ events }) => events > 0)).toEqual(before)
    expect(await rebuild()).toMatchObject({ corrected: 0 })
  })

  it('is exact while other servers append, and their counts stay', async () => {
    await append(someEvents(400))
    const { db, tables } = storage
    await db.delete(tables.eventRollups).where(lt(tables.eventRollups.quarterMs, NOW_MS))
    const server = await opened.open()
    const log = createEventLog(server)
    const copy = { ...session }
    let isOver = false
    let appended = 0
    const serving = (async () => {
      while (!isOver) {
        await log.append([{ session: copy, rows: someEvents(9) }])
        appended += 1
        await setImmediate()
      }
    })()
    await expect.poll(() => appended).toBeGreaterThan(0)
    for (let round = 0; round < 5; round += 1) {
      const before = appended
      await rebuild()
      await expect.poll(() => appended).toBeGreaterThan(before)
    }
    isOver = true
    await serving
    await server.close()
    expect(await said()).toEqual(await truth())
  })

  it('counts events of between its snapshot and its writing once', async () => {
    await append(someEvents(30))
    await storage.db.delete(storage.tables.eventRollups)
    const reader = opened.snapshots(storage)
    const late: SnapshotReader = {
      async read(asked, onProgress) {
        const snapshot = await reader.read(asked, onProgress)
        await append(someEvents(21))
        return snapshot
      },
    }
    await rebuildRollups(storage, late, { asked: EVER, onProgress: () => undefined })
    expect(await said()).toEqual(await truth())
  })

  it('keeps what was erased, also while it reads', async () => {
    const other = await openSession(storage, { siteId: session.siteId })
    await append([inQuarter(0), inQuarter(0, { isProven: false })])
    await createEventLog(storage).append([{ session: other, rows: [rowOf(other), rowOf(other)] }])
    const erase = createEventEraser(storage)
    await erase(session.siteId, session.visitorId)
    const reader = opened.snapshots(storage)
    const late: SnapshotReader = {
      async read(asked, onProgress) {
        const snapshot = await reader.read(asked, onProgress)
        await erase(session.siteId, other.visitorId)
        return snapshot
      },
    }
    await rebuildRollups(storage, late, { asked: EVER, onProgress: () => undefined })
    expect(await rebuild()).toMatchObject({ corrected: 0 })
    expect(await sum()).toMatchObject([{ events: 4, unproven: 1, erased: 4 }])
  })

  it('leaves alone what is older than the complete events, and says so', async () => {
    await append(someEvents(70))
    const before = await sum()
    const { db, tables } = storage
    const middleMs = NOW_MS - 3 * QUARTER_MS
    await moveHorizon(storage, middleMs - 1)
    await db.delete(tables.eventLogs).where(lt(tables.eventLogs.timestampMs, middleMs))
    const { eventRollups: t } = tables
    await db
      .update(t)
      .set({ events: 0 })
      .where(and(eq(t.siteId, session.siteId), eq(t.quarterMs, NOW_MS)))
    expect(await rebuild()).toMatchObject({
      stretch: { fromMs: middleMs, toMs: EVER.toMs },
      leftAlone: { fromMs: 0, toMs: middleMs },
    })
    expect(await sum()).toEqual(before)
  })

  it('touches nothing outside of the range it is given', async () => {
    await append(someEvents(14))
    await storage.db.delete(storage.tables.eventRollups)
    const asked = { fromMs: NOW_MS - 2 * QUARTER_MS, toMs: NOW_MS }
    await rebuild({ asked })
    expect([...new Set((await sum()).map(({ quarterMs }) => quarterMs))]).toEqual([
      NOW_MS - 2 * QUARTER_MS,
      NOW_MS - QUARTER_MS,
    ])
  })

  it('gives way to another rebuild that wrote first, and corrects nothing twice', async () => {
    await append(someEvents(14))
    await storage.db.delete(storage.tables.eventRollups)
    const reader = opened.snapshots(storage)
    const slow: SnapshotReader = {
      async read(asked, onProgress) {
        const snapshot = await reader.read(asked, onProgress)
        await rebuild()
        return snapshot
      },
    }
    const late = rebuildRollups(storage, slow, { asked: EVER, onProgress: () => undefined })
    await expect(late).rejects.toThrow('Another rebuild')
    expect(await said()).toEqual(await truth())
  })
})
