import type { Command } from 'commander'
import { listPendingMigrations, migrateStorage, type Place, placeOf } from '../open-storage.ts'
import type { Run } from './run.ts'
import type { Terminal } from './terminal.ts'

async function listSteps(place: Place, isDryRun: boolean): Promise<string[]> {
  if (isDryRun) return (await listPendingMigrations(place)).map((name) => `would apply ${name}`)
  return (await migrateStorage(place)).map((name) => `applied ${name}`)
}

/** `migrate`: brings the schema up to date and says what it did. */
export function addMigrateCommand(program: Command, run: Run, { print }: Terminal): void {
  const migrate = program
    .command('migrate')
    .description('bring the schema of the database up to date (serve does so by itself)')
    .option('--dry-run', 'only say what would be done')
  run(migrate, async ({ config, options }) => {
    const place = placeOf(config.DATABASE_URL, config.DATA_DIR)
    const isDryRun = options['dryRun'] === true
    const steps = await listSteps(place, isDryRun)
    for (const step of steps) print(step)
    const where = place.engine === 'sqlite' ? `SQLite, ${place.path}` : 'PostgreSQL'
    if (steps.length === 0 || !isDryRun) print(`The schema is up to date (${where}).`)
  })
}
