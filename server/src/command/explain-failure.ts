import { SEAL_BROKEN } from '../platform/crypto/sealed-box.ts'

/** What a person can do about the failures of a system that people meet; by the system's own codes. */
const REMEDIES: Readonly<Record<string, string>> = {
  EADDRINUSE: 'Another program listens there: stop it, or take another port (--port 0 picks a free one).',
  EADDRNOTAVAIL: 'This machine does not have that address: check HOST.',
  ENOTDIR: 'There is a file where a folder is wanted: choose another data folder with --data.',
  EEXIST: 'There is a file where a folder is wanted: choose another data folder with --data.',
  EACCES: 'This user may not do that: check who owns the folder, or take a port from 1024 up.',
  EPERM: 'This user may not do that: check who owns the folder.',
  EROFS: 'The folder is read-only: choose another one with --data.',
  ENOSPC: 'The disk is full.',
  ENOTFOUND: 'No such host: check the host name in DATABASE_URL.',
  ECONNREFUSED: 'Nothing listens there: is PostgreSQL running, and does DATABASE_URL name the right port?',
  ETIMEDOUT: 'No answer: check DATABASE_URL and the firewall.',
  '28P01': 'PostgreSQL refuses the password: check DATABASE_URL.',
  '28000': 'PostgreSQL refuses the user: check DATABASE_URL and pg_hba.conf.',
  '3D000': 'The database does not exist: make it with createdb.',
  '42501': 'The PostgreSQL user lacks the right: it must own its schema.',
  [SEAL_BROKEN]:
    'This database was made with another secret: start with the SESSION_SECRET, or the file session-secret, of its first start.',
  SQLITE_CANTOPEN: 'The database file cannot be opened: check that the folder exists and is writable.',
  SQLITE_READONLY: 'The database file is read-only: check who owns it.',
  SQLITE_NOTADB: 'The file is no SQLite database: check DATABASE_URL or --data.',
  SQLITE_CORRUPT: 'The database file is damaged: restore it from a backup.',
  SQLITE_BUSY: 'Another program holds the database: stop it, then try again.',
  SQLITE_FULL: 'The disk is full.',
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  const { code } = error as { code?: unknown }
  // SQLite's extended codes begin with the plain one: SQLITE_READONLY_DIRECTORY (https://sqlite.org/rescode.html).
  const plain = typeof code === 'string' ? (/^SQLITE_[A-Z]+/.exec(code)?.[0] ?? code) : ''
  if (Object.hasOwn(REMEDIES, plain)) return plain
  // A host with several addresses fails with all of them.
  const [first] = error instanceof AggregateError ? error.errors : [error.cause]
  return first === undefined ? undefined : codeOf(first)
}

/** A password in a connection string, wherever an error quotes one. */
const withoutPasswords = (text: string) => text.replace(/\/\/[^\s/@]*@/g, '//…@')

/** One line for a person: what went wrong and what to do. Never a stack, never a password. */
export function explainFailure(error: unknown): string {
  const code = codeOf(error)
  const message = error instanceof Error && error.message ? error.message : String(error)
  const [first = ''] = withoutPasswords(message).split('\n', 1)
  const remedy = code === undefined ? undefined : REMEDIES[code]
  return remedy === undefined ? `helloagain: ${first}` : `helloagain: ${first || code}. ${remedy}`
}
