import { accountTables } from './accounts/tables.ts'
import { eventTables } from './events/tables.ts'
import { journeyTables } from './journey/tables.ts'
import type { Columns } from './platform/storage/columns.ts'
import { recognitionTables } from './recognition/tables.ts'
import { sessionTables } from './sessions/tables.ts'
import { siteTables } from './sites/tables.ts'

/** Every table of every room, in an order that satisfies foreign keys. */
export function buildTables(columns: Columns) {
  const recognition = recognitionTables(columns)
  return {
    ...siteTables(columns),
    ...recognition,
    ...sessionTables(columns, recognition),
    ...eventTables(columns),
    ...journeyTables(columns),
    ...accountTables(columns),
  }
}

export type Tables = ReturnType<typeof buildTables>
