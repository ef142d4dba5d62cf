import { readFile, stat } from 'node:fs/promises'
import type { Command } from 'commander'
import type { Config } from '../config.ts'
import { type Place, placeOf } from '../open-storage.ts'
import { splitAt } from '../platform/storage/backup/levels.ts'
import type { Manifest } from '../platform/storage/backup/manifest.ts'
import type { Progress } from '../platform/storage/backup/progress.ts'
import { checkReplacing, type RestoreOptions } from '../platform/storage/backup/restore-options.ts'
import { readMigrations } from '../platform/storage/migrations.ts'
import { migrationsFolder } from '../platform/storage/migrations-folder.ts'
import { replaceSecret, secretFile } from '../secret.ts'
import { SECRET_ENTRY } from './backup.ts'
import { createProgress, stopSignal } from './progress.ts'
import type { Run } from './run.ts'
import type { Terminal } from './terminal.ts'

const ENGINE_NAME = { postgres: 'PostgreSQL', sqlite: 'SQLite' } as const

interface Verified {
  readonly manifest: Manifest
  readonly secret: Buffer | undefined
}

async function verify(path: string, progress: Progress): Promise<Verified> {
  const { verifyArchive } = await import('../platform/storage/backup/read-archive.ts')
  const secret: Buffer[] = []
  progress.begin('Checking the backup', (await stat(path)).size)
  const manifest = await verifyArchive(path, {
    onBytes: progress.advanceTo,
    async visit(name, bytes) {
      if (name === SECRET_ENTRY) for await (const chunk of bytes) secret.push(chunk)
    },
  })
  progress.end()
  return { manifest, secret: manifest.secret === 'included' ? Buffer.concat(secret) : undefined }
}

/** What a backup cannot be restored for, whatever lies at the target. */
function checkFit({ engine, level }: Manifest, place: Place): void {
  if (engine !== place.engine) {
    throw new Error(
      `The backup is of ${ENGINE_NAME[engine]}, and DATABASE_URL names ${ENGINE_NAME[place.engine]}: a backup goes back into the engine it came from.`,
    )
  }
  splitAt(readMigrations(migrationsFolder(engine)), level)
}

/** The secret to put in place: none when the environment has one, or when it is there. */
async function findNewSecret(
  { SESSION_SECRET, DATA_DIR }: Config,
  secret: Buffer | undefined,
  isReplacing: boolean,
) {
  if (secret === undefined || SESSION_SECRET !== undefined) return undefined
  const path = secretFile(DATA_DIR)
  const present = await readFile(path).catch(() => undefined)
  if (present?.equals(secret)) return undefined
  if (present !== undefined && !isReplacing) {
    throw new Error(
      `${path} holds another secret: nothing was changed. To have that of the backup instead, add --replace.`,
    )
  }
  return secret
}

/** What the person must see to, so that the server can use what was restored. */
function describeSecret(
  { SESSION_SECRET }: Config,
  { secret: kept }: Manifest,
  secret: Buffer | undefined,
): string[] {
  if (SESSION_SECRET === undefined) {
    if (kept === 'included') return []
    const what =
      kept === 'environment' ? 'the SESSION_SECRET' : `SESSION_SECRET, or the file ${SECRET_ENTRY},`
    return [`The secret is not in the backup: start the server with ${what} it had.`]
  }
  if (secret === undefined || secret.toString().trim() === SESSION_SECRET) return []
  return [
    'SESSION_SECRET is not the secret in the backup: unset it, and restore again, or the server will not start.',
  ]
}

/** Refuses or warns before anything is touched; the restoring itself checks again. */
async function checkTarget(place: Place, isReplacing: boolean, { print }: Terminal): Promise<void> {
  if (place.engine === 'sqlite') {
    const { checkUnused, holdsSqlite } = await import('../platform/storage/backup/restore-sqlite.ts')
    checkReplacing(holdsSqlite(place.path), isReplacing)
    return checkUnused(place.path)
  }
  const { countOthers, holdsPostgres } = await import('../platform/storage/backup/restore-postgres.ts')
  checkReplacing(await holdsPostgres(place.url), isReplacing)
  const others = await countOthers(place.url)
  if (others > 0) {
    print(
      `WARN  ${others} other ${others === 1 ? 'connection uses' : 'connections use'} this database: no server may run on it now.`,
    )
  }
}

async function restore(place: Place, options: RestoreOptions): Promise<void> {
  if (place.engine === 'postgres') {
    const { restorePostgres } = await import('../platform/storage/backup/restore-postgres.ts')
    return restorePostgres(place.url, options)
  }
  const { restoreSqlite } = await import('../platform/storage/backup/restore-sqlite.ts')
  return restoreSqlite(place.path, options)
}

/** `restore`: puts a backup in place, after all of it was checked. */
export function addRestoreCommand(program: Command, run: Run, terminal: Terminal): void {
  const { print } = terminal
  const command = program
    .command('restore')
    .description('put a backup in place; no server may run on the database meanwhile')
    .argument('<file>', 'as backup wrote it')
    .option('--replace', 'lose what the database holds now')
    .option('--dry-run', 'only check the backup and the target')
  run(command, async ({ config, args: [path = ''], options }) => {
    const place = placeOf(config.DATABASE_URL, config.DATA_DIR)
    const isReplacing = options['replace'] === true
    const progress = createProgress(terminal)
    const signal = stopSignal(terminal)
    const { manifest, secret } = await verify(path, progress)
    checkFit(manifest, place)
    await checkTarget(place, isReplacing, terminal)
    const newSecret = await findNewSecret(config, secret, isReplacing)
    const rows = manifest.tables.reduce((sum, table) => sum + table.rows, 0)
    const what = `${rows} rows as they were at ${manifest.madeAt}, made by version ${manifest.version}`
    if (options['dryRun'] === true) {
      print(`The backup is whole and can be restored: ${what}. Nothing was changed.`)
      return
    }
    progress.begin('Restoring', (await stat(path)).size)
    await restore(place, { path, manifest, isReplacing, progress, signal })
    if (newSecret) await replaceSecret(config.DATA_DIR, newSecret)
    print(`Restored ${what}.`)
    for (const line of describeSecret(config, manifest, secret)) print(line)
    print('Who was erased since then is back: erase them again (docs/operations.md).')
  })
}
