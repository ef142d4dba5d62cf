import type { Storage } from '../platform/storage/storage.ts'
import type { RecognitionTables } from '../recognition/tables.ts'
import type { SessionTables } from '../sessions/tables.ts'
import { createPostgresAppend } from './event-log-postgres.ts'
import { createSqliteAppend } from './event-log-sqlite.ts'
import type { EventLog } from './ports.ts'
import { chooseShard } from './rollup.ts'
import { createEventReader } from './store.ts'
import type { EventTables } from './tables.ts'

/** Opens the event log of a database: appends by prepared statements of its engine, reads by the query builder. */
export function createEventLog(storage: Storage<EventTables & RecognitionTables & SessionTables>): EventLog {
  const { engine } = storage
  const shard = chooseShard()
  return {
    append:
      engine.kind === 'sqlite' ? createSqliteAppend(engine, shard) : createPostgresAppend(engine.pool, shard),
    ...createEventReader(storage),
  }
}
