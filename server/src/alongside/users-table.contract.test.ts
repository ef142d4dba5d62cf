import { randomUUID } from 'node:crypto'
import { Pool } from 'pg'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { createJourneys } from '../journey/service.ts'
import { createServerKeys } from '../platform/crypto/server-keys.ts'
import { createPreferencesBook } from './preferences-book.ts'
import { usersTable } from './users-table.ts'

const NOW_MS = Date.parse('2026-03-01T12:00:00.000Z')

describe.each(['text', 'json', 'jsonb'])('usersTable over PostgreSQL with preferences as %s', (type) => {
  const table = `shop_users_${randomUUID().slice(0, 8)}`
  let client: Pool
  beforeAll(async () => {
    client = new Pool({ connectionString: inject('postgresUrl') })
    await client.query(
      `CREATE TABLE ${table} (id SERIAL PRIMARY KEY, browser_fingerprint TEXT, preferences ${type})`,
    )
    await client.query(`INSERT INTO ${table} (preferences) VALUES ('{"theme":"dark"}'), (NULL)`)
  })
  afterAll(async () => {
    await client.query(`DROP TABLE ${table}`)
    await client.end()
  })

  const users = () =>
    usersTable(async (sql, values) => (await client.query(sql, values)).rows, {
      table,
      placeholders: 'numbered',
    })
  const journeys = () =>
    createJourneys({
      book: createPreferencesBook({
        users: users(),
        keys: createServerKeys('a secret for tests, long enough'),
      }),
    })

  it.each(['1', '2'])('keeps and finds the journey of user %s', async (id) => {
    await Promise.all([
      journeys().promoteToReturning('site', id, NOW_MS),
      journeys().promoteToReturning('site', id, NOW_MS),
      journeys().promoteToRegistered('site', id, NOW_MS),
    ])
    expect(await journeys().find('site', id)).toMatchObject({ userType: 'registered' })
    const preferences = await users().readPreferences(id)
    expect(preferences?.value).toMatchObject(id === '1' ? { theme: 'dark' } : {})
  })

  it('knows nobody by an id of another kind, and finds by fingerprint', async () => {
    expect(await users().findById('not-a-number')).toBeUndefined()
    expect(await users().readPreferences('99999999999999999999')).toBeUndefined()
    await users().saveFingerprint?.('1', 'a'.repeat(32))
    await users().saveFingerprint?.('1', 'b'.repeat(32))
    expect(await users().findByFingerprint?.('a'.repeat(32))).toMatchObject({ id: 1 })
    expect(await users().findByFingerprint?.('b'.repeat(32))).toBeUndefined()
  })
})
