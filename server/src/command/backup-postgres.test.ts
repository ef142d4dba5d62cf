import { Client } from 'pg'
import { expect, it } from 'vitest'
import { openStorage } from '../open-storage.ts'
import { backupPostgres } from '../platform/storage/backup/backup-postgres.ts'
import type { ArchiveWriter } from '../platform/storage/backup/write-archive.ts'
import { createDatabase } from '../platform/storage/on-every-engine.ts'

it('takes its moment after the partitions are held, so that none can go in between', async () => {
  const url = await createDatabase()
  await (await openStorage(url, '')).close()
  const [retention, watcher] = [new Client({ connectionString: url }), new Client({ connectionString: url })]
  await Promise.all([retention.connect(), watcher.connect()])
  await retention.query('BEGIN')
  await retention.query('LOCK TABLE event_logs IN ACCESS EXCLUSIVE MODE')
  await retention.query("UPDATE event_horizon SET complete_from_ms = 4711 WHERE id = 'log'")

  let horizon = ''
  const archive: ArchiveWriter = {
    draft: '',
    add: async (entry, bytes) => {
      if (entry.startsWith('tables/event_horizon/')) horizon = bytes.toString()
    },
    addFile: () => Promise.reject(new Error('PostgreSQL has no files to add.')),
  }
  const progress = { begin: () => undefined, advanceTo: () => undefined, end: () => undefined }
  const { signal } = new AbortController()
  const made = backupPostgres(url, archive, { progress, signal })
  await expect
    .poll(async () => {
      const { rows } = await watcher.query(
        "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
      )
      return rows.length
    })
    .toBe(1)
  await retention.query('COMMIT')
  await made
  expect(horizon).toContain('4711')
  await Promise.all([retention.end(), watcher.end()])
})
