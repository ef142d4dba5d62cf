import type { Engine } from '../../../../../server/src/platform/storage/storage.ts'
import { openPostgresBulk } from './bulk-postgres.ts'
import { openSqliteBulk } from './bulk-sqlite.ts'

/** By column, in one order for all rows of a table. */
export type Row = Readonly<Record<string, unknown>>

/** A database that forgets durability and references while it is filled: the rows fit, and a power cut means starting anew. */
export interface Bulk {
  /** @param onConflict what else an INSERT may need */
  insert(table: string, rows: readonly Row[], onConflict?: string): Promise<void>
  run(sql: string): Promise<void>
  /** Drops what only finds the rows of these tables; answers the statements that make it again. */
  dropIndexes(tables: readonly string[]): Promise<readonly string[]>
  /** As the server has it again, all on disk, and the engine done with it. */
  close(): Promise<void>
}

/** Opens a server's own database for filling. */
export const openBulk = (engine: Engine): Promise<Bulk> =>
  engine.kind === 'sqlite' ? openSqliteBulk(engine) : openPostgresBulk(engine)
