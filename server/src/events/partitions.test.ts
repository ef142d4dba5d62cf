import type { Pool } from 'pg'
import { v7 } from 'uuid'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openStorage } from '../open-storage.ts'
import { createLog } from '../platform/log.ts'
import { createDatabase } from '../platform/storage/on-every-engine.ts'
import type { Storage } from '../platform/storage/storage.ts'
import type { HotSession } from '../sessions/ports.ts'
import type { Tables } from '../tables.ts'
import { NOW_MS, openSession, rowOf } from '../testing/event-rows.ts'
import { createEventLog } from './event-log.ts'
import { createHousekeeping } from './housekeeping.ts'
import { listPartitions, monthOf, underLock } from './partition-rows.ts'
import type { EventRow } from './ports.ts'

const DAY_MS = 86_400_000
const HOUSE = 'events.retention'

let storage: Storage<Tables>
let pool: Pool
let session: HotSession
beforeEach(async () => {
  storage = await openStorage(await createDatabase(), '')
  if (storage.engine.kind !== 'postgres') throw new Error('not PostgreSQL')
  pool = storage.engine.pool
  session = await openSession(storage)
})
afterEach(() => storage.close())

function housekeepingAt(atMs: number) {
  const lines: Record<string, unknown>[] = []
  const log = createLog('info', { write: (line) => void lines.push(JSON.parse(line)) })
  const { prepare, jobs } = createHousekeeping(storage, {
    nowMs: () => atMs,
    log,
    retentionMs: 90 * DAY_MS,
  })
  const retain = () => jobs.find(({ name }) => name === HOUSE)?.run(new AbortController().signal)
  return { prepare, retain, lines }
}

const append = async (...rows: EventRow[]) =>
  (await createEventLog(storage).append([{ session, rows }]))[0] ?? []
const dated = (atMs: number, row: Partial<EventRow> = {}) =>
  rowOf(session, { eventId: v7({ msecs: atMs }), timestampMs: atMs, partitionMs: atMs, ...row })
async function placeOf({ eventId }: EventRow): Promise<string[]> {
  const { rows } = await pool.query<{ name: string }>(
    'SELECT tableoid::regclass::text AS name FROM event_logs WHERE event_id = $1',
    [eventId],
  )
  return rows.map(({ name }) => name)
}
const names = async () => (await listPartitions(pool)).map(({ name }) => name)

it('months of the calendar are those of UTC, also over the turn of a year', () => {
  expect(monthOf(Date.UTC(2026, 0, 1) - 1)).toEqual({
    name: 'event_logs_2025_12',
    fromMs: Date.UTC(2025, 11),
    toMs: Date.UTC(2026, 0),
  })
  expect(monthOf(Date.UTC(2026, 10, 30), 3).name).toBe('event_logs_2027_02')
})

it('the running month and three to come have partitions before the first event, made once by servers that start together', async () => {
  const servers = Array.from({ length: 4 }, () => housekeepingAt(NOW_MS))
  await Promise.all(servers.map(({ prepare }) => prepare()))
  expect(servers.flatMap(({ lines }) => lines)).toEqual([])
  expect(await names()).toEqual([
    'event_logs_2026_06',
    'event_logs_2026_07',
    'event_logs_2026_08',
    'event_logs_2026_09',
    'event_logs_default',
    'event_logs_undated',
  ])
  const now = dated(NOW_MS)
  const undated = rowOf(session, { partitionMs: 0 })
  const odd = dated(Date.UTC(2099, 0))
  await append(now, undated, odd)
  expect(await Promise.all([now, undated, odd].map(placeOf))).toEqual([
    ['event_logs_2026_06'],
    ['event_logs_undated'],
    ['event_logs_default'],
  ])
})

it('what clocks that run ahead had filed moves to its month when that is made, and stays known', async () => {
  const ahead = dated(Date.UTC(2026, 11, 5))
  await append(ahead)
  expect(await placeOf(ahead)).toEqual(['event_logs_default'])
  await housekeepingAt(Date.UTC(2026, 9, 1)).prepare()
  expect(await placeOf(ahead)).toEqual(['event_logs_2026_12'])
  expect(await append(ahead)).toEqual([false])
})

it('a month that cannot be had is told, and its events are kept all the same', async () => {
  const reader = await pool.connect()
  await reader.query('BEGIN')
  await reader.query('SELECT FROM event_logs')
  const { prepare, lines } = housekeepingAt(NOW_MS)
  await prepare()
  expect(lines).toMatchObject([{ level: 40, msg: expect.stringContaining('no partition yet') }])
  const row = dated(NOW_MS)
  expect(await append(row)).toEqual([true])
  await reader.query('ROLLBACK')
  reader.release()
  await prepare()
  expect(await placeOf(row)).toEqual(['event_logs_2026_06'])
})

it('what takes too long under lock is not tried again, as ingest waits each time', async () => {
  let tries = 0
  const change = underLock(pool, { tries: 3 }, (client) => {
    tries += 1
    return client.query('SELECT pg_sleep(60)')
  })
  await expect(change).rejects.toThrow('statement timeout')
  expect(tries).toBe(1)
})

it('many events in the default partition are a warning', async () => {
  await pool.query(`INSERT INTO event_logs (site_id, event_id, session_id, visitor_id, event_type, payload,
    timestamp_ms, received_at_ms, is_proven, partition_ms)
    SELECT 's', 'e' || n, 'a', 'v', 'X', '{}', 0, 0, true, -n FROM generate_series(1, 10000) AS n`)
  const { prepare, lines } = housekeepingAt(NOW_MS)
  await prepare()
  expect(lines).toMatchObject([{ level: 40, msg: expect.stringContaining('holds many events') }])
})

it('retention drops months that are old as a whole, and no other', async () => {
  const old = Date.UTC(2026, 0, 10)
  await housekeepingAt(old).prepare()
  await housekeepingAt(NOW_MS).prepare()
  // The cut is at March 3rd.
  const border = [dated(Date.UTC(2026, 2, 2)), dated(Date.UTC(2026, 2, 4))]
  await append(dated(old), dated(Date.UTC(2026, 1, 27)), ...border)
  const { retain, lines } = housekeepingAt(NOW_MS)
  await retain()
  expect(lines).toMatchObject([{ dropped: ['event_logs_2026_01', 'event_logs_2026_02'], deleted: 1 }])
  expect(await names()).not.toContain('event_logs_2026_02')
  const { rows } = await pool.query<{ event_id: string }>('SELECT event_id FROM event_logs')
  expect(rows.map((row) => row.event_id)).toEqual([border[1]?.eventId])
})

it('retention keeps a month in which a wrong clock filed an event of today', async () => {
  const old = Date.UTC(2026, 0, 10)
  await housekeepingAt(old).prepare()
  const today = dated(old, { timestampMs: NOW_MS })
  await append(dated(old), today)
  const { retain, lines } = housekeepingAt(NOW_MS)
  await retain()
  expect(lines).toMatchObject([{ dropped: ['event_logs_2026_02'], deleted: 1 }])
  expect(await placeOf(today)).toEqual(['event_logs_2026_01'])
})

it('retention puts off a month that somebody reads, while events go on being stored', async () => {
  const old = Date.UTC(2026, 0, 10)
  await housekeepingAt(old).prepare()
  await append(dated(old))
  const reader = await pool.connect()
  await reader.query('BEGIN')
  await reader.query('SELECT FROM event_logs')
  const { retain, lines } = housekeepingAt(NOW_MS)
  let isOver = false
  const running = retain()?.finally(() => {
    isOver = true
  })
  let stored = 0
  while (!isOver) {
    expect(await append(dated(NOW_MS))).toEqual([true])
    stored += 1
  }
  await running
  expect(lines).toMatchObject([{ postponed: expect.arrayContaining(['event_logs_2026_01']), dropped: [] }])
  expect(stored).toBeGreaterThan(3)
  await reader.query('ROLLBACK')
  reader.release()
  await retain()
  expect(lines[1]).toMatchObject({ postponed: [], dropped: expect.arrayContaining(['event_logs_2026_01']) })
})

it('of several servers one deletes', async () => {
  await append(dated(0))
  const servers = Array.from({ length: 4 }, () => housekeepingAt(NOW_MS))
  await Promise.all(servers.map(({ retain }) => retain()))
  const deleted = servers
    .flatMap(({ lines }) => lines)
    .reduce((sum, line) => sum + Number(line['deleted']), 0)
  expect(deleted).toBe(1)
})
