import type { Engine } from '../../../../../server/src/platform/storage/storage.ts'
import type { Bulk } from './bulk.ts'

/** What is otherwise while it is filled; the cache in KiB. */
const HURRY = { synchronous: 0, foreign_keys: 0, secure_delete: 0, cache_size: -262_144 } as const

export async function openSqliteBulk({ inTurn }: Extract<Engine, { kind: 'sqlite' }>): Promise<Bulk> {
  const usual = await inTurn((client) =>
    Object.entries(HURRY).map(([name, hurried]) => {
      const before: unknown = client.pragma(name, { simple: true })
      client.pragma(`${name} = ${hurried}`)
      return `${name} = ${before}`
    }),
  )
  return {
    insert: (table, rows, onConflict = '') =>
      inTurn((client) => {
        const names = Object.keys(rows[0] ?? {})
        const places = names.map(() => '?').join()
        const insert = client.prepare(
          `INSERT INTO ${table} (${names.join()}) VALUES (${places}) ${onConflict}`,
        )
        const all = client.transaction(() => {
          for (const row of rows) {
            insert.run(names.map((name) => (typeof row[name] === 'boolean' ? Number(row[name]) : row[name])))
          }
        })
        all.immediate()
      }),
    run: (sql) => inTurn((client) => void client.exec(sql)),
    dropIndexes: (tables) =>
      inTurn((client) => {
        // Those of a primary key have no statement.
        const found = client.prepare(
          `SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL
            AND tbl_name IN (${tables.map(() => '?').join()}) ORDER BY name`,
        )
        const indexes = found.all(...tables) as { name: string; sql: string }[]
        for (const { name } of indexes) client.exec(`DROP INDEX ${name}`)
        return indexes.map(({ sql }) => sql)
      }),
    close: () =>
      inTurn((client) => {
        client.pragma('wal_checkpoint(TRUNCATE)')
        for (const pragma of usual) client.pragma(pragma)
      }),
  }
}
