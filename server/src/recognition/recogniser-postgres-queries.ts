import { BLOCK_STEP_MS } from './recogniser-counting.ts'

// What the recogniser asks PostgreSQL, by name where it is asked for every visit: such a statement is planned once.

const PROFILE_COLUMNS = `p.visitor_id, p.browser_family, p.browser_major, p.os_family, p.screen_class,
  p.observations, p.first_seen_at_ms, p.last_seen_at_ms, p.holds_proof, p.novelty_day, p.novelty_count, p.sets`

/**
 * `$1` site, `$2` blocks, ten at most, `$3` so many of each, `$4` so many of all. Each row tells a digit for each block
 * it stands under, and how much was found of each block, as JSON: text costs the driver least.
 */
export const FIND_CANDIDATES = {
  name: 'recogniser-find-candidates',
  text: `WITH hits AS MATERIALIZED (
      SELECT asked.number, h.visitor_id, h.last_seen_at_ms, h.place
      FROM unnest($2::text[]) WITH ORDINALITY AS asked (block, number) CROSS JOIN LATERAL (
        SELECT b.visitor_id, b.last_seen_at_ms, row_number() OVER (ORDER BY b.last_seen_at_ms DESC) AS place
        FROM visitor_blocks b WHERE b.site_id = $1 AND b.block = asked.block
        ORDER BY b.last_seen_at_ms DESC LIMIT $3::int + 1) h
    ), chosen AS MATERIALIZED (
      SELECT visitor_id, string_agg((number - 1)::text, '') AS numbers, sum(power(2, -number)) AS telling,
        max(last_seen_at_ms) AS last
      FROM hits WHERE place <= $3 GROUP BY visitor_id ORDER BY telling DESC, last DESC LIMIT $4
    )
    SELECT ${PROFILE_COLUMNS}, c.numbers,
      (SELECT json_object_agg(number - 1, found)::text FROM (SELECT number, count(*) AS found FROM hits GROUP BY number) f) AS found,
      (SELECT l.known_visitor_id FROM visitor_links l WHERE l.visitor_id = c.visitor_id AND l.undone_at_ms IS NULL
        ORDER BY l.created_at_ms, l.id LIMIT 1) AS known_as
    FROM chosen c JOIN visitor_profiles p ON p.visitor_id = c.visitor_id ORDER BY c.telling DESC, c.last DESC`,
}

export const FIND_COUNTS = {
  name: 'recogniser-find-counts',
  text: 'SELECT token, visitors FROM token_counts WHERE site_id = $1 AND token = ANY($2::text[])',
}

const findProfileSql = (lock: '' | 'FOR UPDATE') =>
  `SELECT ${PROFILE_COLUMNS}, p.site_id, p.counted FROM visitor_profiles p WHERE p.visitor_id = $1 AND p.site_id = $2 ${lock}`
export const FIND_PROFILE = { name: 'recogniser-find-profile', text: findProfileSql('') }
export const LOCK_PROFILE = { name: 'recogniser-lock-profile', text: findProfileSql('FOR UPDATE') }

const COLUMNS = `visitor_id, site_id, browser_family, browser_major, os_family, screen_class, observations,
  first_seen_at_ms, last_seen_at_ms, holds_proof, novelty_day, novelty_count, sets, counted`
const VALUES = '$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14'

// Of two that find no profile the second one waits here, and writes nothing. Nor is any written where the visitor has gone.
export const INSERT_PROFILE = {
  name: 'recogniser-insert-profile',
  text: `INSERT INTO visitor_profiles (${COLUMNS})
    SELECT ${VALUES} FROM visitors WHERE id = $1 AND site_id = $2 FOR KEY SHARE
    ON CONFLICT DO NOTHING RETURNING visitor_id`,
}
export const UPDATE_PROFILE = {
  name: 'recogniser-update-profile',
  text: `UPDATE visitor_profiles SET (${COLUMNS}) = ROW (${VALUES}) WHERE visitor_id = $1`,
}

export const WRITE_BLOCKS = {
  name: 'recogniser-write-blocks',
  text: `INSERT INTO visitor_blocks AS b (site_id, block, visitor_id, last_seen_at_ms)
    SELECT $1, block, $2, $3::bigint FROM unnest($4::text[]) AS block
    ON CONFLICT (site_id, block, visitor_id) DO UPDATE SET last_seen_at_ms = excluded.last_seen_at_ms
    WHERE b.last_seen_at_ms <= excluded.last_seen_at_ms - ${BLOCK_STEP_MS}`,
}
export const DROP_BLOCKS = {
  name: 'recogniser-drop-blocks',
  text: 'DELETE FROM visitor_blocks WHERE visitor_id = $1 AND last_seen_at_ms < $2',
}

/** In the order in which they are given: see {@link inLockOrder}. */
export const ADD_COUNTS = {
  name: 'recogniser-add-counts',
  text: `INSERT INTO token_counts AS c (site_id, token, visitors)
    SELECT * FROM unnest($1::text[], $2::text[], $3::int[])
    ON CONFLICT (site_id, token) DO UPDATE SET visitors = c.visitors + excluded.visitors`,
}
export const DROP_COUNTS = {
  name: 'recogniser-drop-counts',
  text: `DELETE FROM token_counts c USING unnest($1::text[], $2::text[]) AS gone (site_id, token)
    WHERE c.site_id = gone.site_id AND c.token = gone.token AND c.visitors <= 0`,
}

// Another server may be at some of them.
export const LOCK_OLD = `SELECT visitor_id, site_id, counted FROM visitor_profiles WHERE last_seen_at_ms < $1
  ORDER BY last_seen_at_ms LIMIT $2 FOR UPDATE SKIP LOCKED`
export const COUNT_BLOCKS = 'SELECT count(*)::int AS blocks FROM visitor_blocks WHERE visitor_id = $1'
export const DROP_PROFILES = 'DELETE FROM visitor_profiles WHERE visitor_id = ANY($1::text[])'
export const dropOld = (table: string) => `DELETE FROM ${table} WHERE ctid = ANY(ARRAY(
  SELECT ctid FROM ${table} WHERE last_seen_at_ms < $1 LIMIT $2 FOR UPDATE SKIP LOCKED))`

export const FIND_TALLIES = 'SELECT name, hits, total FROM recognition_tallies WHERE site_id = $1'
export const ADD_TALLIES = `INSERT INTO recognition_tallies AS t (site_id, name, hits, total)
  SELECT $1, * FROM unnest($2::text[], $3::bigint[], $4::bigint[])
  ON CONFLICT (site_id, name) DO UPDATE SET hits = t.hits + excluded.hits, total = t.total + excluded.total`
export const FIND_WEIGHTS = `SELECT weights FROM recognition_models WHERE site_id = $1 AND state = 'live'
  ORDER BY version DESC LIMIT 1`
