import { lt } from 'drizzle-orm'
import type { Storage } from '../platform/storage/storage.ts'
import type { EventTables } from './tables.ts'

/** What is known of the log as a whole. */
export interface Horizon {
  /** Retention has deleted nothing that happened at or after this. */
  readonly completeFromMs: number
  /** How often a rebuild has written. */
  readonly rebuilds: number
}

export async function readHorizon({ db, tables }: Storage<EventTables>): Promise<Horizon> {
  const { completeFromMs, rebuilds } = tables.eventHorizon
  const [horizon] = await db.select({ completeFromMs, rebuilds }).from(tables.eventHorizon)
  if (!horizon) throw new Error('event_horizon has lost its row; restore it from a backup.')
  return horizon
}

/** To be called, and waited for, before anything older is deleted. Never moves back. */
export async function moveHorizon({ db, tables }: Storage<EventTables>, completeFromMs: number) {
  const { eventHorizon: t } = tables
  await db.update(t).set({ completeFromMs }).where(lt(t.completeFromMs, completeFromMs))
}
