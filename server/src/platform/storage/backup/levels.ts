import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Migration } from '../migrations.ts'
import type { Manifest } from './manifest.ts'

export type Level = Manifest['level']

/** @throws Error when there is none, or when a newer program made it */
export function levelAt(migrations: readonly Migration[], lastAppliedMs: number | undefined): Level {
  if (lastAppliedMs === undefined)
    throw new Error('There is no database of Hello Again yet: nothing to back up.')
  const level = migrations.find(({ madeAtMs }) => madeAtMs === lastAppliedMs)
  if (!level) throw new Error('A newer program made this database: use that one, or a newer one still.')
  return { name: level.name, madeAtMs: level.madeAtMs }
}

/** The steps up to a level, and those after it. @throws Error when this program does not know it */
export function splitAt(migrations: readonly Migration[], { name, madeAtMs }: Level) {
  const index = migrations.findIndex((step) => step.name === name && step.madeAtMs === madeAtMs)
  if (index === -1) {
    throw new Error(
      `A newer program made this backup (its schema is at ${name}): restore it with that one, or a newer one still.`,
    )
  }
  return { before: migrations.slice(0, index + 1), after: migrations.slice(index + 1) }
}

/** A table as drizzle-kit describes it beside each step. */
export interface TableShape {
  readonly name: string
  readonly columns: readonly string[]
}

interface Snapshot {
  readonly tables: Record<
    string,
    {
      name: string
      columns: Record<string, { name: string }>
      foreignKeys: Record<string, { tableTo: string }>
    }
  >
}

/**
 * The tables of a level, each after those it refers to. Read from what lies beside the steps: of a database that is not
 * up to date, the tables of this program would be the wrong list.
 */
export function tablesAt(migrationsFolder: string, { name }: Level): TableShape[] {
  // Of drizzle-kit: 0001_event_partitions and 0001_snapshot.json.
  const file = join(migrationsFolder, 'meta', `${name.split('_', 1)[0]}_snapshot.json`)
  const { tables } = JSON.parse(readFileSync(file, 'utf8')) as Snapshot
  const waiting = new Map(Object.values(tables).map((table) => [table.name, table]))
  const ordered: TableShape[] = []
  while (waiting.size > 0) {
    const ready = [...waiting.values()].filter((table) =>
      Object.values(table.foreignKeys).every(
        ({ tableTo }) => tableTo === table.name || !waiting.has(tableTo),
      ),
    )
    if (ready.length === 0) throw new Error(`Tables refer to each other in a circle: ${[...waiting.keys()]}`)
    for (const table of ready) {
      waiting.delete(table.name)
      ordered.push({ name: table.name, columns: Object.values(table.columns).map((column) => column.name) })
    }
  }
  return ordered
}
