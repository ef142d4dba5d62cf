import { DrizzleQueryError } from 'drizzle-orm/errors'

// 23505: https://www.postgresql.org/docs/current/errcodes-appendix.html
// SQLITE_CONSTRAINT_*: https://www.sqlite.org/rescode.html#constraint_unique
const UNIQUE_CODES = new Set(['23505', 'SQLITE_CONSTRAINT_PRIMARYKEY', 'SQLITE_CONSTRAINT_UNIQUE'])

/** Whether a write failed because a row with this key exists, on either engine. */
export function isUniqueViolation(error: unknown): boolean {
  if (!(error instanceof DrizzleQueryError)) return false
  const code = (error.cause as { code?: unknown } | undefined)?.code
  return typeof code === 'string' && UNIQUE_CODES.has(code)
}
