import type { HostUser, Preferences, UsersAdapter } from './ports.ts'

/**
 * Runs one statement of your own driver and answers its rows. Every statement returns rows, writes too.
 *
 * @example (sql, values) => database.prepare(sql).all(...values)            // better-sqlite3
 * @example async (sql, values) => (await pool.query(sql, values)).rows      // pg, with placeholders: 'numbered'
 */
export type RunQuery = (sql: string, values: string[]) => unknown

export interface UsersTableOptions {
  /** @default 'users' */
  table?: string
  /** @default 'id' */
  id?: string
  /** @default 'browser_fingerprint' */
  fingerprint?: string
  /** A text, json or jsonb column. @default 'preferences' */
  preferences?: string
  /** Column of the device id, where there is one. */
  deviceId?: string
  /** `?` (SQLite) or `$1` (PostgreSQL). @default 'question' */
  placeholders?: 'numbered' | 'question'
}

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)?$/

function identifier(name: string): string {
  if (!IDENTIFIER.test(name)) throw new TypeError(`"${name}" is no plain table or column name.`)
  return name
}

type Row = Readonly<Record<string, unknown>>

/** Null and the text `null` are different states, so each has a mark of its own. */
const versionOf = (text: string | null) => (text === null ? 'none' : `text:${text}`)
const textOf = (version: string) => (version.startsWith('text:') ? version.slice(5) : null)

function parsePreferences(text: string | null): Preferences {
  const value: unknown = text === null || text === '' ? {} : JSON.parse(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    // Whatever it is, it is theirs: better no journey than an overwritten field.
    throw new TypeError('The preferences of this user are no JSON object; they are left as they are.')
  }
  return { value: { ...value }, version: versionOf(text) }
}

/**
 * An adapter for users in one SQL table (SQLite or PostgreSQL), with no change to it: the journey goes into the
 * preferences column by compare-and-swap on its text, and a fingerprint is saved only where the column is empty.
 */
export function usersTable<User extends HostUser = HostUser & Record<string, unknown>>(
  query: RunQuery,
  options: UsersTableOptions = {},
): UsersAdapter<User> {
  const table = identifier(options.table ?? 'users')
  const id = identifier(options.id ?? 'id')
  const fingerprint = identifier(options.fingerprint ?? 'browser_fingerprint')
  const preferences = identifier(options.preferences ?? 'preferences')
  const deviceId = options.deviceId === undefined ? undefined : identifier(options.deviceId)
  const mark = (position: number) => (options.placeholders === 'numbered' ? `$${position}` : '?')

  async function answer(sql: string, values: string[]): Promise<unknown> {
    try {
      return await query(sql, values)
    } catch (error) {
      // PostgreSQL refuses to compare an id with text of another kind (22P02, 22003, 22007): nobody has such an id.
      const code = (error as { code?: unknown } | null)?.code
      if (typeof code === 'string' && /^22(?:P02|003|007)$/.test(code)) return []
      throw error
    }
  }
  async function run(sql: string, ...values: string[]): Promise<Row[]> {
    const rows = await answer(sql, values)
    if (!Array.isArray(rows)) throw new TypeError('usersTable: the query function has to answer rows.')
    return rows
  }
  // The rows come from the table the caller named; what is in them is the caller's own type.
  const findBy = async (column: string, value: string) =>
    (await run(`SELECT * FROM ${table} WHERE ${column} = ${mark(1)} ORDER BY ${id} LIMIT 1`, value))[0] as
      | User
      | undefined

  return {
    findById: (value) => findBy(id, value),
    findByFingerprint: (value) => findBy(fingerprint, value),
    ...(deviceId !== undefined && { findByDeviceId: (value: string) => findBy(deviceId, value) }),
    async readPreferences(value) {
      const [row] = await run(
        `SELECT CAST(${preferences} AS TEXT) AS preferences FROM ${table} WHERE ${id} = ${mark(1)}`,
        value,
      )
      if (!row) return undefined
      const text = row['preferences']
      return parsePreferences(typeof text === 'string' ? text : null)
    },
    async writePreferences(value, next, expectedVersion) {
      const text = textOf(expectedVersion)
      const isSame = text === null ? `${preferences} IS NULL` : `CAST(${preferences} AS TEXT) = ${mark(3)}`
      const written = await run(
        `UPDATE ${table} SET ${preferences} = ${mark(1)} WHERE ${id} = ${mark(2)} AND ${isSame} RETURNING ${id}`,
        JSON.stringify(next),
        value,
        ...(text === null ? [] : [text]),
      )
      return written.length > 0
    },
    async saveFingerprint(value, found) {
      const isEmpty = `(${fingerprint} IS NULL OR ${fingerprint} = '')`
      await run(
        `UPDATE ${table} SET ${fingerprint} = ${mark(1)} WHERE ${id} = ${mark(2)} AND ${isEmpty} RETURNING ${id}`,
        found,
        value,
      )
    },
  }
}
