import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readMigrationFiles } from 'drizzle-orm/migrator'

/** One step of the schema, as drizzle-kit wrote it. */
export interface Migration {
  /** For example `0000_start`. */
  readonly name: string
  /** When it was generated; steps apply in this order. */
  readonly madeAtMs: number
  readonly hash: string
  readonly statements: readonly string[]
}

/** Every step of a folder, oldest first. */
export function readMigrations(migrationsFolder: string): Migration[] {
  const journal: { entries: { tag: string; when: number }[] } = JSON.parse(
    readFileSync(join(migrationsFolder, 'meta', '_journal.json'), 'utf8'),
  )
  const nameAt = new Map(journal.entries.map(({ tag, when }) => [when, tag]))
  return readMigrationFiles({ migrationsFolder }).map(({ folderMillis, hash, sql }) => ({
    name: nameAt.get(folderMillis) ?? String(folderMillis),
    madeAtMs: folderMillis,
    hash,
    statements: sql,
  }))
}

/** The steps a database lacks. @param lastAppliedMs of its newest step; undefined when it has none */
export const pendingAfter = (migrations: readonly Migration[], lastAppliedMs: number | undefined) =>
  migrations.filter(({ madeAtMs }) => lastAppliedMs === undefined || madeAtMs > lastAppliedMs)
