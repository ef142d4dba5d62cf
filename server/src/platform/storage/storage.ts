import type BetterSqlite3 from 'better-sqlite3'
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core'
import type { Pool } from 'pg'

/**
 * The query surface both engines share. `transaction` is left out on purpose: Drizzle's does not
 * await async callbacks on SQLite (drizzle-orm#2275). Results of writes are read by `returning()`;
 * the raw result objects differ between drivers.
 */
export type Database = Pick<
  PgDatabase<PgQueryResultHKT>,
  'delete' | 'insert' | 'select' | 'selectDistinct' | 'update'
>

/** The engine underneath, for the few paths that prepare their own statements (ingest). */
export type Engine =
  | {
      readonly kind: 'sqlite'
      /**
       * Runs synchronous work on the one connection when no transaction is open: a statement or a whole transaction,
       * which is tried again where another process holds the database (`SQLITE_BUSY`), for five seconds.
       */
      inTurn<T>(work: (client: BetterSqlite3.Database) => T): Promise<T>
      /** Runs a synchronous read whenever no transaction is open, also while writes wait for another process. */
      read<T>(work: (client: BetterSqlite3.Database) => T): Promise<T>
    }
  | { readonly kind: 'postgres'; readonly pool: Pool }

/** What a store is given: a database and the tables it owns. */
export interface Storage<Tables> {
  readonly db: Database
  readonly tables: Tables
  readonly engine: Engine
  /**
   * Runs `work` all or nothing. Every statement inside must use the storage it is handed. What another one undoes or
   * keeps out (a deadlock, a held file) is run again from its start, so it changes nothing but the database.
   */
  transaction<T>(work: (storage: Storage<Tables>) => Promise<T>): Promise<T>
  /** Resolves when the database answers and can be written; rejects when it does not or cannot. */
  ping(): Promise<void>
  close(): Promise<void>
}
