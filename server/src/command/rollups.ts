import { type Command, InvalidArgumentError } from 'commander'
import type { Config } from '../config.ts'
import type { OnProgress, Rebuilt, SnapshotReader, Stretch } from '../events/rebuild.ts'
import { openStorage, type Place, placeOf } from '../open-storage.ts'
import type { Progress } from '../platform/storage/backup/progress.ts'
import type { Storage } from '../platform/storage/storage.ts'
import type { Tables } from '../tables.ts'
import { createProgress } from './progress.ts'
import type { Run } from './run.ts'
import type { Terminal } from './terminal.ts'

const DAY_MS = 86_400_000
const DATE = /^\d{4}-\d{2}-\d{2}$/

function parseDay(text: string): number {
  const atMs = DATE.test(text) ? Date.parse(text) : Number.NaN
  // Date.parse takes February 30th for March 2nd.
  if (Number.isNaN(atMs) || new Date(atMs).toISOString().slice(0, 10) !== text) {
    throw new InvalidArgumentError('A day is written as 2026-01-31, and is one of UTC.')
  }
  return atMs
}

/** As reading tells it; how much there is to read is known with the first word. */
function createOnProgress(progress: Progress): OnProgress {
  let hasBegun = false
  return (done, total) => {
    if (!hasBegun) progress.begin('Counting events', total)
    hasBegun = true
    progress.advanceTo(done)
  }
}

async function openReader(place: Place, { engine }: Storage<Tables>): Promise<SnapshotReader> {
  if (place.engine === 'sqlite') {
    const { createSqliteSnapshots } = await import('../events/rebuild-sqlite-rows.ts')
    return createSqliteSnapshots(place.path)
  }
  const { createPostgresSnapshots } = await import('../events/rebuild-postgres-rows.ts')
  if (engine.kind !== 'postgres') throw new Error(`A place on ${place.engine} was opened as ${engine.kind}.`)
  return createPostgresSnapshots(engine.pool)
}

async function rebuild(config: Config, asked: Stretch, terminal: Terminal): Promise<Rebuilt> {
  const { rebuildRollups } = await import('../events/rebuild.ts')
  const storage = await openStorage(config.DATABASE_URL, config.DATA_DIR)
  const progress = createProgress(terminal)
  try {
    const reader = await openReader(placeOf(config.DATABASE_URL, config.DATA_DIR), storage)
    return await rebuildRollups(storage, reader, { asked, onProgress: createOnProgress(progress) })
  } finally {
    progress.end()
    await storage.close()
  }
}

const day = (atMs: number) => new Date(atMs).toISOString().replace('T', ' ').slice(0, 16)

function* describe({ stretch, leftAlone, events, corrected, added, removed }: Rebuilt): Iterable<string> {
  if (stretch.fromMs < stretch.toMs) {
    const since = stretch.fromMs > 0 ? ` from ${day(stretch.fromMs)} and` : ''
    yield `Counted ${events} events that happened${since} before ${day(stretch.toMs)} UTC.`
    yield corrected === 0
      ? 'Every rollup was right.'
      : `Corrected ${corrected} rollups: they lacked ${added} events and had ${removed} too many.`
  }
  if (leftAlone) {
    yield `Left alone: before ${day(leftAlone.toMs)} UTC. Retention has deleted events there; the rollups are all there is.`
  }
}

/** `rollups rebuild`: counts the events anew, while a server may run. */
export function addRollupCommands(program: Command, run: Run, terminal: Terminal): void {
  const rollups = program.command('rollups').description('counts of events by quarters of an hour')
  const command = rollups
    .command('rebuild')
    .description('count the events anew and correct the rollups, where events are complete')
    .option('--from <date>', 'first day, UTC, such as 2026-01-31; default: the first there is', parseDay)
    .option('--to <date>', 'last day, UTC; default: today', parseDay)
  run(command, async ({ config, options }) => {
    const { from = 0, to = Date.now() } = options as { from?: number; to?: number }
    const toMs = (Math.floor(to / DAY_MS) + 1) * DAY_MS
    if (from >= toMs) {
      terminal.complain('--from is later than --to.')
      return 2
    }
    const rebuilt = await rebuild(config, { fromMs: from, toMs }, terminal)
    for (const line of describe(rebuilt)) terminal.print(line)
    return 0
  })
}
