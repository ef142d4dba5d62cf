import type { Storage } from '../platform/storage/storage.ts'
import type { RecogniserStore } from './recogniser-ports.ts'
import { createPostgresRecogniserStore } from './recogniser-postgres-rows.ts'
import { createSqliteRecogniserStore } from './recogniser-sqlite-rows.ts'

/** What the recogniser remembers, by prepared statements of its database's engine. */
export const createRecogniserStore = ({ engine }: Pick<Storage<unknown>, 'engine'>): RecogniserStore =>
  engine.kind === 'sqlite' ? createSqliteRecogniserStore(engine) : createPostgresRecogniserStore(engine.pool)
