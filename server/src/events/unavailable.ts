import { Problem } from '../platform/http/problem.ts'

// Faults of one statement or its values, by which one append can fail while its neighbours would not:
// data exceptions (22), broken constraints (23), a deadlock lost (40).
// https://www.postgresql.org/docs/current/errcodes-appendix.html
const POSTGRES_STATEMENT_FAULT = /^(?:22|23|40)/
// https://www.sqlite.org/rescode.html
const SQLITE_STATEMENT_FAULT = /^SQLITE_(?:CONSTRAINT|MISMATCH|RANGE|TOOBIG)/

/** Whether the database could not store anything (full, locked, gone), rather than having refused one append. */
export function isUnavailable(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code
  if (typeof code !== 'string') return !(error instanceof TypeError || error instanceof RangeError)
  return !(POSTGRES_STATEMENT_FAULT.test(code) || SQLITE_STATEMENT_FAULT.test(code))
}

/** What a client is told when the database is full, locked or gone. */
export const unavailable = (cause: unknown): Problem =>
  new Problem('server.unavailable', { cause, retryAfterSeconds: 1 })
