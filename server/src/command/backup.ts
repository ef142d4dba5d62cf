import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { Config } from '../config.ts'
import { placeOf } from '../open-storage.ts'
import type { DatabasePart, Manifest } from '../platform/storage/backup/manifest.ts'
import type { ArchiveWriter } from '../platform/storage/backup/write-archive.ts'
import { secretFile } from '../secret.ts'
import { createProgress, stopSignal } from './progress.ts'
import type { Run } from './run.ts'
import type { Terminal } from './terminal.ts'

/** The entry of a backup with the server's own secret. */
export const SECRET_ENTRY = 'session-secret'

const WITHOUT_SECRET: Record<Exclude<Manifest['secret'], 'included'>, string> = {
  environment: 'Not in it: SESSION_SECRET. Without that value the backup cannot be used: keep it elsewhere.',
  'left-out': `Not in it: the file ${SECRET_ENTRY}. Without it the backup cannot be used: keep a copy elsewhere.`,
}

async function addSecret(
  archive: ArchiveWriter,
  { SESSION_SECRET, DATA_DIR }: Config,
  isWanted: boolean,
): Promise<Manifest['secret']> {
  if (SESSION_SECRET !== undefined) return 'environment'
  if (!isWanted) return 'left-out'
  const path = secretFile(DATA_DIR)
  const secret = await readFile(path).catch((cause) => {
    throw new Error(
      `${path} cannot be read, and without the secret a backup cannot be used: name the server's data folder with --data, or add --without-secret.`,
      { cause },
    )
  })
  await archive.add(SECRET_ENTRY, secret)
  return 'included'
}

async function addDatabase(
  archive: ArchiveWriter,
  config: Config,
  terminal: Terminal,
): Promise<DatabasePart> {
  const place = placeOf(config.DATABASE_URL, config.DATA_DIR)
  const options = { progress: createProgress(terminal), signal: stopSignal(terminal) }
  // Loaded when wanted, as in open-storage.ts.
  if (place.engine === 'postgres') {
    const { backupPostgres } = await import('../platform/storage/backup/backup-postgres.ts')
    return backupPostgres(place.url, archive, options)
  }
  const { backupSqlite } = await import('../platform/storage/backup/backup-sqlite.ts')
  return backupSqlite(place.path, archive, options)
}

/** Such as `helloagain-2026-11-21T140000Z.tar.gz`: sorts by time, and every file system takes it. */
const nameAt = (at: Date) => `helloagain-${at.toISOString().slice(0, 19).replaceAll(':', '')}Z.tar.gz`

/** `backup`: everything a server needs in one file, while it runs. */
export function addBackupCommand(
  program: Command,
  run: Run,
  terminal: Terminal & { readonly version: string },
): void {
  const { print, version } = terminal
  const backup = program
    .command('backup')
    .description('write all data and the secret into one file; the server may go on running')
    .option('--to <file>', 'default: helloagain-<time>.tar.gz in the current folder')
    .option('--without-secret', `leave out ${SECRET_ENTRY}: the backup cannot be used without a copy of it`)
  run(backup, async ({ config, options }) => {
    const { writeArchive } = await import('../platform/storage/backup/write-archive.ts')
    const at = new Date()
    const target = resolve((options['to'] as string | undefined) ?? nameAt(at))
    const known: { secret?: Manifest['secret']; rows: number } = { rows: 0 }
    await writeArchive(target, async (archive) => {
      known.secret = await addSecret(archive, config, options['withoutSecret'] !== true)
      const part = await addDatabase(archive, config, terminal)
      known.rows = part.tables.reduce((sum, { rows }) => sum + rows, 0)
      return { version, madeAt: at.toISOString(), secret: known.secret, ...part }
    })
    print(`${target} holds ${known.rows} rows, as they were at ${at.toISOString()}.`)
    print(
      known.secret === undefined || known.secret === 'included'
        ? 'It holds personal data and the secret of the server: whoever has it can act as any visitor. Keep it like a password.'
        : WITHOUT_SECRET[known.secret],
    )
  })
}
