import * as pg from 'drizzle-orm/pg-core'
import * as sqlite from 'drizzle-orm/sqlite-core'

interface SplitKey {
  readonly columns: [pg.AnyPgColumn, ...pg.AnyPgColumn[]]
  readonly by: pg.AnyPgColumn
}

/** The words every table is written in. The PostgreSQL spelling sets the types. */
export const postgresColumns = {
  table: pg.pgTable,
  text: (name: string) => pg.text(name),
  count: (name: string) => pg.integer(name),
  /** A sum that outgrows 2^31. */
  sum: (name: string) => pg.bigint(name, { mode: 'number' }),
  flag: (name: string) => pg.boolean(name),
  /** Milliseconds since the Unix epoch. */
  instantMs: (name: string) => pg.bigint(name, { mode: 'number' }),
  json: <T>(name: string) => pg.jsonb(name).$type<T>(),
  index: pg.index,
  uniqueIndex: pg.uniqueIndex,
  primaryKey: pg.primaryKey,
  /** Of a table that PostgreSQL splits by the column `by`, which must then be part of its key. */
  splitKey: ({ columns, by }: SplitKey) => pg.primaryKey({ columns: [...columns, by] }),
}

export type Columns = typeof postgresColumns

/** The same words in SQLite. The cast holds because the store contract tests run on both engines. */
export const sqliteColumns = {
  table: sqlite.sqliteTable,
  text: (name: string) => sqlite.text(name),
  count: (name: string) => sqlite.integer(name),
  sum: (name: string) => sqlite.integer(name),
  flag: (name: string) => sqlite.integer(name, { mode: 'boolean' }),
  instantMs: (name: string) => sqlite.integer(name, { mode: 'number' }),
  json: <T>(name: string) => sqlite.text(name, { mode: 'json' }).$type<T>(),
  index: sqlite.index,
  uniqueIndex: sqlite.uniqueIndex,
  primaryKey: sqlite.primaryKey,
  splitKey: ({ columns }: { columns: [sqlite.AnySQLiteColumn, ...sqlite.AnySQLiteColumn[]] }) =>
    sqlite.primaryKey({ columns }),
} satisfies Record<keyof Columns, unknown> as unknown as Columns
