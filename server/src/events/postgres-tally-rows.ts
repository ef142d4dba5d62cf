import type { PoolClient } from 'pg'
import { clockOffsetOf, isSeenAnew, type Tally } from './tally.ts'

// A visitor that was erased while its session was hot gets no visit.
const INSERT_VISITS = {
  name: 'events-insert-visits',
  text: `INSERT INTO visits (id, site_id, visitor_id, session_id, started_at_ms, last_at_ms, event_count, page_count)
    SELECT t.* FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::int[],
    $8::int[]) AS t (id, site_id, visitor_id, session_id, started_at_ms, last_at_ms, event_count, page_count)
    JOIN visitors ON visitors.id = t.visitor_id`,
}

const UPDATE_VISITS = {
  name: 'events-update-visits',
  text: `UPDATE visits SET event_count = visits.event_count + t.events, page_count = visits.page_count + t.pages,
    last_at_ms = greatest(visits.last_at_ms, t.last_at_ms)
    FROM unnest($1::text[], $2::int[], $3::int[], $4::bigint[]) AS t (id, events, pages, last_at_ms)
    WHERE visits.id = t.id`,
}

// The expiry rolls: it stays as far behind the last activity as it was.
const UPDATE_SESSIONS = {
  name: 'events-update-sessions',
  text: `UPDATE user_sessions s SET current_visit_id = t.visit_id,
    expires_at_ms = s.expires_at_ms + greatest(0, t.at_ms - s.last_seen_at_ms),
    last_seen_at_ms = greatest(s.last_seen_at_ms, t.at_ms),
    clock_offset_ms = coalesce(t.offset_ms, s.clock_offset_ms)
    FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[])
      AS t (site_id, session_id, visit_id, at_ms, offset_ms)
    WHERE s.site_id = t.site_id AND s.session_id = t.session_id`,
}

const UPDATE_VISITORS = {
  name: 'events-update-visitors',
  text: `UPDATE visitors SET last_seen_at_ms = greatest(visitors.last_seen_at_ms, t.at_ms),
    visit_count = visitors.visit_count + t.visits
    FROM (SELECT id, max(at_ms) AS at_ms, sum(visits)::int AS visits
      FROM unnest($1::text[], $2::bigint[], $3::int[]) AS given (id, at_ms, visits) GROUP BY id) AS t
    WHERE visitors.id = t.id`,
}

// Sorted, so that two servers that count for the same visitors take the rows in one order.
const COUNT_ACTIVITIES = {
  name: 'events-count-activities',
  text: `INSERT INTO activity_counts AS a (site_id, visitor_id, activity_type, count, last_at_ms)
    SELECT site_id, visitor_id, activity_type, sum(count)::int, max(last_at_ms)
    FROM unnest($1::text[], $2::text[], $3::text[], $4::int[], $5::bigint[])
      AS t (site_id, visitor_id, activity_type, count, last_at_ms)
    GROUP BY site_id, visitor_id, activity_type ORDER BY visitor_id, activity_type
    ON CONFLICT (visitor_id, activity_type) DO UPDATE
    SET count = a.count + excluded.count, last_at_ms = greatest(a.last_at_ms, excluded.last_at_ms)`,
}

function writeVisits(client: PoolClient, tallies: readonly Tally[]): Promise<unknown>[] {
  const sent: Promise<unknown>[] = []
  const opened = tallies.filter((tally) => tally.isNewVisit)
  const running = tallies.filter((tally) => !tally.isNewVisit)
  if (opened.length > 0) {
    const values = [
      opened.map((tally) => tally.visitId),
      opened.map((tally) => tally.siteId),
      opened.map((tally) => tally.visitorId),
      opened.map((tally) => tally.sessionId),
      opened.map((tally) => tally.firstAtMs),
      opened.map((tally) => tally.lastAtMs),
      opened.map((tally) => tally.events),
      opened.map((tally) => tally.pages),
    ]
    sent.push(client.query({ ...INSERT_VISITS, values }))
  }
  if (running.length > 0) {
    const values = [
      running.map((tally) => tally.visitId),
      running.map((tally) => tally.events),
      running.map((tally) => tally.pages),
      running.map((tally) => tally.lastAtMs),
    ]
    sent.push(client.query({ ...UPDATE_VISITS, values }))
  }
  return sent
}

function writeSessions(client: PoolClient, tallies: readonly Tally[]): Promise<unknown>[] {
  if (tallies.length === 0) return []
  const values = [
    tallies.map((tally) => tally.siteId),
    tallies.map((tally) => tally.sessionId),
    tallies.map((tally) => tally.visitId),
    tallies.map((tally) => tally.receivedAtMs),
    tallies.map(clockOffsetOf),
  ]
  return [client.query({ ...UPDATE_SESSIONS, values })]
}

function writeVisitors(client: PoolClient, tallies: readonly Tally[]): Promise<unknown>[] {
  if (tallies.length === 0) return []
  const values = [
    tallies.map((tally) => tally.visitorId),
    tallies.map((tally) => tally.receivedAtMs),
    tallies.map((tally) => (tally.isNewVisit ? 1 : 0)),
  ]
  return [client.query({ ...UPDATE_VISITORS, values })]
}

function writeActivities(client: PoolClient, tallies: readonly Tally[]): Promise<unknown> {
  const activities = tallies.flatMap((tally) =>
    [...tally.activities].map(([type, { count: times, lastAtMs }]) => ({ tally, type, times, lastAtMs })),
  )
  const values = [
    activities.map(({ tally }) => tally.siteId),
    activities.map(({ tally }) => tally.visitorId),
    activities.map(({ type }) => type),
    activities.map(({ times }) => times),
    activities.map(({ lastAtMs }) => lastAtMs),
  ]
  return client.query({ ...COUNT_ACTIVITIES, values })
}

/** Sends what a flush adds to visits, sessions, visitors and activities; answers a promise for each statement. */
export function writeTallies(client: PoolClient, given: Iterable<Tally>): Promise<unknown>[] {
  // In one order on every server: see COUNT_ACTIVITIES.
  const tallies = [...given]
    .filter((tally) => tally.events > 0)
    .sort((a, b) => (a.sessionId < b.sessionId ? -1 : 1))
  if (tallies.length === 0) return []
  const seen = tallies.filter(isSeenAnew)
  // Sessions before visits before visitors, as the sessions room: else each would wait for the other.
  return [
    ...writeSessions(client, seen),
    ...writeVisits(client, tallies),
    ...writeVisitors(client, seen),
    writeActivities(client, tallies),
  ]
}
