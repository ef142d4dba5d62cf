import { setImmediate } from 'node:timers/promises'
import { and, eq, lt } from 'drizzle-orm'
import { v7 } from 'uuid'
import { beforeEach, expect, it } from 'vitest'
import { createLog } from '../platform/log.ts'
import { onEveryEngine } from '../platform/storage/on-every-engine.ts'
import type { HotSession } from '../sessions/ports.ts'
import { NOW_MS, openSession, rowOf } from '../testing/event-rows.ts'
import { createEventLog } from './event-log.ts'
import { readHorizon } from './horizon-rows.ts'
import { createHousekeeping } from './housekeeping.ts'
import type { EventRow } from './ports.ts'
import { createRollups } from './rollup-rows.ts'

const DAY_MS = 86_400_000
const CUTOFF_MS = NOW_MS - 90 * DAY_MS

onEveryEngine('retention', (storage) => {
  let session: HotSession
  beforeEach(async () => {
    session = await openSession(storage())
  })

  const append = async (rows: readonly EventRow[]) => createEventLog(storage()).append([{ session, rows }])
  /** Events that happened and arrived at a time. */
  const happened = (atMs: number, row: Partial<EventRow> = {}) =>
    rowOf(session, {
      eventId: v7({ msecs: atMs }),
      timestampMs: atMs,
      receivedAtMs: atMs,
      partitionMs: atMs,
      ...row,
    })
  const stored = async () => {
    const { db, tables } = storage()
    const rows = await db
      .select({ id: tables.eventLogs.eventId })
      .from(tables.eventLogs)
      .where(eq(tables.eventLogs.siteId, session.siteId))
    return rows.map(({ id }) => id).sort()
  }
  const countOld = async () => {
    const { db, tables } = storage()
    const { eventLogs: t } = tables
    const old = and(eq(t.siteId, session.siteId), lt(t.timestampMs, CUTOFF_MS))
    return (await db.select({ id: t.eventId }).from(t).where(old)).length
  }
  const idsOf = (rows: readonly EventRow[]) => rows.map(({ eventId }) => eventId).sort()

  /** A server's housekeeping, as it is after a start. */
  function start() {
    const lines: Record<string, unknown>[] = []
    const log = createLog('info', { write: (line) => void lines.push(JSON.parse(line)) })
    const { prepare, jobs } = createHousekeeping(storage(), {
      nowMs: () => NOW_MS,
      log,
      retentionMs: 90 * DAY_MS,
    })
    const job = jobs.find(({ name }) => name === 'events.retention')
    const run = async (signal = new AbortController().signal) => job?.run(signal)
    return { prepare, run, lines }
  }

  it('P5 deletes what happened before, and says how much, and keeps what happened since', async () => {
    const young = [happened(CUTOFF_MS), happened(NOW_MS)]
    await append([happened(CUTOFF_MS - 1), happened(CUTOFF_MS - 40 * DAY_MS), ...young])
    const { run, lines } = start()
    await run()
    expect(await stored()).toEqual(idsOf(young))
    expect(lines).toMatchObject([{ deleted: 2, before: new Date(CUTOFF_MS).toISOString() }])
  })

  it('goes by when it happened, not by its id or its arrival', async () => {
    const byOddClock = happened(NOW_MS, {
      eventId: v7({ msecs: CUTOFF_MS - DAY_MS }),
      partitionMs: CUTOFF_MS - DAY_MS,
    })
    const young = happened(NOW_MS)
    const late = happened(CUTOFF_MS - 1, {
      receivedAtMs: NOW_MS,
      eventId: v7({ msecs: NOW_MS }),
      partitionMs: NOW_MS,
    })
    const undated = happened(CUTOFF_MS - 1, { partitionMs: 0 })
    await append([young, late, undated, byOddClock])
    await start().run()
    expect(await stored()).toEqual(idsOf([young, byOddClock]))
  })

  it('leaves the history: visits, activities, rollups', async () => {
    await append([happened(CUTOFF_MS - DAY_MS)])
    await start().run()
    expect(await stored()).toEqual([])
    const { db, tables } = storage()
    expect(
      await db.select().from(tables.visits).where(eq(tables.visits.siteId, session.siteId)),
    ).toHaveLength(1)
    const counts = await createEventLog(storage()).activityCounts([session.visitorId])
    expect(counts.get('PAGE_VIEW')?.count).toBe(1)
    const range = { siteId: session.siteId, fromMs: 0, toMs: NOW_MS }
    expect(await createRollups(storage()).sum(range)).toMatchObject([{ events: 1, erased: 0 }])
  })

  it('remembers from when on events are complete, and never goes back on it', async () => {
    await start().run()
    expect(await readHorizon(storage())).toMatchObject({ completeFromMs: CUTOFF_MS })
    const { jobs } = createHousekeeping(storage(), {
      nowMs: () => NOW_MS,
      log: createLog('silent'),
      retentionMs: 365 * DAY_MS,
    })
    await jobs.find(({ name }) => name === 'events.retention')?.run(new AbortController().signal)
    expect(await readHorizon(storage())).toMatchObject({ completeFromMs: CUTOFF_MS })
  })

  it('deletes while events come in, and loses none of those', async () => {
    const old = Array.from({ length: 6000 }, (_, index) => happened(CUTOFF_MS - 1 - index))
    await append(old)
    const { run, lines } = start()
    let isOver = false
    const running = run().finally(() => {
      isOver = true
    })
    const young: EventRow[] = []
    let duringRun = 0
    while (!isOver) {
      const rows = [happened(NOW_MS), happened(NOW_MS)]
      expect(await append(rows)).toEqual([[true, true]])
      young.push(...rows)
      duringRun += 1
      // As requests do, which come from outside.
      await setImmediate()
    }
    await running
    expect(duringRun).toBeGreaterThan(3)
    expect(await stored()).toEqual(idsOf(young))
    expect(lines).toMatchObject([{ deleted: old.length }])
  })

  it('goes on where it was cut short, though nothing remembers it', async () => {
    const young = happened(NOW_MS)
    await append([...Array.from({ length: 10_000 }, (_, index) => happened(CUTOFF_MS - 1 - index)), young])
    const killed = new AbortController()
    const running = start().run(killed.signal)
    await expect.poll(countOld, { interval: 1 }).toBeLessThan(10_000)
    killed.abort()
    await running
    expect(await countOld()).toBeGreaterThan(0)
    await start().run()
    expect(await stored()).toEqual([young.eventId])
  })

  it('finds by its daily sweep what came late, when another round ended at the first young rows', async () => {
    let nowMs = NOW_MS
    const { jobs } = createHousekeeping(storage(), {
      nowMs: () => nowMs,
      log: createLog('silent'),
      retentionMs: 90 * DAY_MS,
    })
    const run = () => jobs.find(({ name }) => name === 'events.retention')?.run(new AbortController().signal)
    await run()
    const young = Array.from({ length: 1200 }, () => happened(NOW_MS))
    await append([...young, happened(CUTOFF_MS + 1, { receivedAtMs: NOW_MS })])
    nowMs += DAY_MS
    await run()
    expect(await stored()).toEqual(idsOf(young))
  })
})
