// The file is full, locked, read-only, gone or damaged. https://www.sqlite.org/rescode.html
const SQLITE_OUTAGE = /^SQLITE_(?:AUTH|BUSY|CANTOPEN|CORRUPT|FULL|IOERR|NOMEM|NOTADB|PERM|PROTOCOL|READONLY)/
// The connection broke (08), a standby or read-only server (25006), a refused log-in (28), no such database (3D), a full
// disk or too many connections (53), shut down, starting or cancelled (57), trouble with files (58), a lock not had (55P03).
// https://www.postgresql.org/docs/current/errcodes-appendix.html
const POSTGRES_OUTAGE = /^(?:08...|25006|28...|3D000|53...|55P03|57...|58...)$/
// Of the system, while PostgreSQL is being reached.
const NETWORK_OUTAGE =
  /^E(?:AI_AGAIN|CONNABORTED|CONNREFUSED|CONNRESET|HOSTUNREACH|NETUNREACH|NOTFOUND|PIPE|TIMEDOUT)$/
// pg and pg-pool have no codes of their own (pg 8.23, lib/client.js; pg-pool 3.14, index.js).
const DRIVER_OUTAGE =
  /^(?:Connection terminated|Query read timeout|timeout e(?:xceeded|xpired)|Client (?:has encountered a connection error|was closed)|Cannot use a pool)/

function isOutageItself({ code, message }: { code?: unknown; message?: unknown }): boolean {
  if (typeof code !== 'string') return typeof message === 'string' && DRIVER_OUTAGE.test(message)
  return [SQLITE_OUTAGE, POSTGRES_OUTAGE, NETWORK_OUTAGE].some((codes) => codes.test(code))
}

/**
 * Whether a failure says that the database is down, full, locked or read-only, whoever asked and whatever for: a state
 * that passes, and nobody's fault who called. Query builders wrap what drivers throw: the causes are looked at, too.
 */
export function isOutage(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (isOutageItself(cause)) return true
    // A host with several addresses fails with all of them.
    if (cause instanceof AggregateError && cause.errors.some(isOutage)) return true
  }
  return false
}
