import { randomUUID } from 'node:crypto'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, inject } from 'vitest'
import { openStorage } from '../../open-storage.ts'
import type { Tables } from '../../tables.ts'
import type { Storage } from './storage.ts'

/** Test support: an empty PostgreSQL database of its own, by its URL. */
export async function createDatabase(): Promise<string> {
  const url = new URL(inject('postgresUrl'))
  const client = new Client({ connectionString: url.href })
  await client.connect()
  url.pathname = `test_${randomUUID()}`
  await client.query(`CREATE DATABASE "${url.pathname.slice(1)}"`)
  await client.end()
  return url.href
}

const engines = {
  sqlite: () => openStorage(':memory:', ''),
  postgres: async () => openStorage(await createDatabase(), ''),
}

/** Test support: runs one set of promises against a fresh database of each engine. */
export function onEveryEngine(title: string, body: (storage: () => Storage<Tables>) => void): void {
  describe.each(Object.entries(engines))(`${title} (%s)`, (_engine, open) => {
    let storage: Storage<Tables>
    beforeAll(async () => {
      storage = await open()
    })
    afterAll(() => storage.close())
    body(() => storage)
  })
}
