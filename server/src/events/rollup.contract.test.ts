import { beforeEach, expect, it } from 'vitest'
import { newId } from '../platform/ids.ts'
import { onEveryEngine } from '../platform/storage/on-every-engine.ts'
import type { HotSession } from '../sessions/ports.ts'
import { NOW_MS, openSession, rowOf } from '../testing/event-rows.ts'
import { createEventLog } from './event-log.ts'
import type { EventRow, Rollups } from './ports.ts'
import { QUARTER_MS } from './rollup.ts'
import { createRollups } from './rollup-rows.ts'
import { createEventEraser } from './store.ts'

const EVER = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER }

onEveryEngine('rollups', (storage) => {
  let rollups: Rollups
  let session: HotSession
  beforeEach(async () => {
    rollups = createRollups(storage())
    session = await openSession(storage())
  })

  const append = (...rows: EventRow[]) => createEventLog(storage()).append([{ session, rows }])
  const sum = (range = EVER) => rollups.sum({ siteId: session.siteId, ...range })
  const pageViews = { quarterMs: NOW_MS, eventType: 'PAGE_VIEW', events: 1, unproven: 0, erased: 0 }

  it('count each event in the quarter and under the type it has', async () => {
    await append(
      rowOf(session),
      rowOf(session, { timestampMs: NOW_MS + QUARTER_MS - 1, receivedAtMs: NOW_MS + QUARTER_MS }),
      rowOf(session, { timestampMs: NOW_MS + QUARTER_MS, receivedAtMs: NOW_MS + QUARTER_MS }),
      rowOf(session, { eventType: 'QUIZ_STARTED' }),
    )
    expect(await sum()).toEqual([
      { ...pageViews, events: 2 },
      { ...pageViews, eventType: 'QUIZ_STARTED' },
      { ...pageViews, quarterMs: NOW_MS + QUARTER_MS },
    ])
  })

  it('count an event once, however often it comes', async () => {
    const row = rowOf(session)
    await append(row, row)
    await append(row)
    await append(row, rowOf(session))
    expect(await sum()).toEqual([{ ...pageViews, events: 2 }])
  })

  it('tell how many came unproven', async () => {
    await append(rowOf(session))
    await append(rowOf(session, { isProven: false }), rowOf(session, { isProven: false }))
    expect(await sum()).toEqual([{ ...pageViews, events: 3, unproven: 2 }])
  })

  it('count a late event where it happened, and one from ahead of our clock where it arrived', async () => {
    const weekMs = 7 * 86_400_000
    await append(
      rowOf(session, { timestampMs: NOW_MS - weekMs }),
      rowOf(session, { timestampMs: NOW_MS + weekMs }),
    )
    expect(await sum()).toEqual([{ ...pageViews, quarterMs: NOW_MS - weekMs }, pageViews])
  })

  it('lose no count when several servers count at once', async () => {
    const logs = Array.from({ length: 4 }, () => createEventLog(storage()))
    const types = ['PAGE_VIEW', 'QUIZ_STARTED', 'CONTENT_CLICK']
    const flushes = Array.from({ length: 40 }, (_, index) =>
      logs[index % 4]?.append([
        { session, rows: types.map((eventType) => rowOf(session, { eventType, seq: index })) },
      ]),
    )
    await Promise.all(flushes)
    expect((await sum()).map(({ eventType, events }) => [eventType, events])).toEqual(
      types.toSorted().map((eventType) => [eventType, 40]),
    )
  })

  it('count nothing of a flush that fails', async () => {
    const broken = rowOf(session, { eventType: null as unknown as string })
    await expect(append(rowOf(session), broken)).rejects.toThrow()
    expect(await sum()).toEqual([])
  })

  it('answer the quarters that begin in a range, of one site', async () => {
    const quarters = [0, 1, 2].map((index) => NOW_MS + index * QUARTER_MS)
    await append(...quarters.map((atMs) => rowOf(session, { timestampMs: atMs, receivedAtMs: atMs })))
    const range = { fromMs: NOW_MS + 1, toMs: NOW_MS + 2 * QUARTER_MS }
    expect((await sum(range)).map(({ quarterMs }) => quarterMs)).toEqual([NOW_MS + QUARTER_MS])
    expect(await rollups.sum({ siteId: newId(), ...EVER })).toEqual([])
  })

  it('go on counting what was erased, and tell how much it was', async () => {
    const other = await openSession(storage(), { siteId: session.siteId })
    await append(rowOf(session), rowOf(session, { isProven: false }))
    await createEventLog(storage()).append([{ session: other, rows: [rowOf(other)] }])
    await createEventEraser(storage())(session.siteId, session.visitorId)
    expect(await sum()).toEqual([{ ...pageViews, events: 3, unproven: 1, erased: 2 }])
  })

  it('an erasure that fails erases nothing and counts nothing', async () => {
    await append(rowOf(session))
    const { db, tables, transaction } = storage()
    const failing = {
      ...storage(),
      transaction: ((work) =>
        transaction((inner) => {
          const insert = () => {
            throw new Error('the disk is full')
          }
          return work({ ...inner, db: Object.assign(Object.create(inner.db), { insert }) })
        })) satisfies typeof transaction,
    }
    await expect(createEventEraser(failing)(session.siteId, session.visitorId)).rejects.toThrow('full')
    expect(await db.select().from(tables.eventLogs)).toContainEqual(
      expect.objectContaining({ sessionId: session.sessionId }),
    )
    const counts = await createEventLog(storage()).activityCounts([session.visitorId])
    expect(counts.get('PAGE_VIEW')?.count).toBe(1)
    expect(await sum()).toEqual([pageViews])
  })
})
