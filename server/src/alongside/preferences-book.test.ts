import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createJourneys } from '../journey/service.ts'
import { createServerKeys } from '../platform/crypto/server-keys.ts'
import { createPreferencesBook } from './preferences-book.ts'
import { usersTable } from './users-table.ts'

const NOW_MS = Date.parse('2025-01-14T15:20:00.000Z')
const LATER_MS = Date.parse('2025-01-15T10:30:00.000Z')
const SITE = 'site'

let database: Database.Database
let refused: number

beforeEach(() => {
  refused = 0
  database = new Database(':memory:')
  database.exec(`CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT, browser_fingerprint TEXT, preferences JSON);
    INSERT INTO users (id, preferences) VALUES (1, '{"theme":"dark","nested":{"a":[1,2]}}'), (2, NULL), (3, '[]')`)
})
afterEach(() => {
  database.close()
})

const users = () => usersTable((sql, values) => database.prepare(sql).all(...values))
const open = (secret = 'a secret that is long enough for tests') =>
  createJourneys({
    book: createPreferencesBook({
      users: users(),
      keys: createServerKeys(secret),
      onRefused: () => {
        refused += 1
      },
    }),
  })
const preferencesOf = (id: number) =>
  JSON.parse(String(database.prepare('SELECT preferences FROM users WHERE id = ?').pluck().get(id)))
const setPreferences = (id: number, value: unknown) =>
  database.prepare('UPDATE users SET preferences = ? WHERE id = ?').run(JSON.stringify(value), id)

describe('the journey in somebody else’s preferences', () => {
  it('has the shape of document 000, beside keys that stay as they are', async () => {
    const journeys = open()
    await journeys.begin(SITE, '1', NOW_MS)
    await journeys.promoteToReturning(SITE, '1', LATER_MS)
    expect(preferencesOf(1)).toMatchObject({
      theme: 'dark',
      nested: { a: [1, 2] },
      ums_journey: {
        user_type: 'returning',
        journey_stage: 'engaged',
        progression_history: [
          { from_type: 'anonymous', to_type: 'returning', changed_at: '2025-01-15T10:30:00.000Z' },
        ],
        first_visit_at: '2025-01-14T15:20:00.000Z',
      },
    })
  })

  it('is found again where the field was empty before', async () => {
    await open().begin(SITE, '2', NOW_MS)
    expect(await open().find(SITE, '2')).toMatchObject({ userType: 'anonymous', firstVisitAtMs: NOW_MS })
  })

  it('counts as none once anything in it was edited, and is begun anew by the next step', async () => {
    const journeys = open()
    await journeys.begin(SITE, '1', NOW_MS)
    const genuine = preferencesOf(1)
    const edits = [
      { user_type: 'registered', journey_stage: 'converted' },
      { first_visit_at: '2001-01-01T00:00:00.000Z' },
      { version: 7 },
      { signature: 'AAAA' },
      { signature: undefined },
      { progression_history: 'none' },
    ]
    for (const edit of edits) {
      setPreferences(1, { ...genuine, ums_journey: { ...genuine.ums_journey, ...edit } })
      expect(await journeys.find(SITE, '1')).toBeUndefined()
    }
    expect(refused).toBe(edits.length)
    expect(await journeys.begin(SITE, '1', LATER_MS)).toMatchObject({
      userType: 'anonymous',
      firstVisitAtMs: LATER_MS,
    })
    expect(preferencesOf(1).theme).toBe('dark')
  })

  it('says nothing of another user or site, nor under another secret', async () => {
    await open().promoteToRegistered(SITE, '1', NOW_MS)
    setPreferences(2, { ums_journey: preferencesOf(1).ums_journey })
    expect(await open().find(SITE, '2')).toBeUndefined()
    expect(await open().find('other', '1')).toBeUndefined()
    expect(await open('another secret that is long enough').find(SITE, '1')).toBeUndefined()
    expect(await open().find(SITE, '1')).toMatchObject({ userType: 'registered' })
  })

  it('survives keys that come back in another order (jsonb)', async () => {
    await open().promoteToReturning(SITE, '1', NOW_MS)
    const { ums_journey, ...others } = preferencesOf(1)
    const reversed = Object.fromEntries(Object.entries(ums_journey).reverse())
    setPreferences(1, { ums_journey: reversed, ...others })
    expect(await open().find(SITE, '1')).toMatchObject({ userType: 'returning' })
  })

  it('never loses what the application writes at the same moment', async () => {
    const real = users()
    let theirWrites = 0
    const book = createPreferencesBook({
      keys: createServerKeys('a secret that is long enough for tests'),
      users: {
        ...real,
        async readPreferences(id) {
          const read = await real.readPreferences(id)
          // The application saves between our read and our write, twice.
          if (theirWrites < 2) {
            theirWrites += 1
            setPreferences(1, { ...preferencesOf(1), theme: `changed ${theirWrites}` })
          }
          return read
        },
      },
    })
    await createJourneys({ book }).promoteToReturning(SITE, '1', NOW_MS)
    expect(preferencesOf(1)).toMatchObject({ theme: 'changed 2', ums_journey: { user_type: 'returning' } })
  })

  it('takes each step once when many requests race', async () => {
    const journeys = open()
    await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        index % 2 === 0
          ? journeys.promoteToReturning(SITE, '1', NOW_MS)
          : journeys.promoteToRegistered(SITE, '1', NOW_MS),
      ),
    )
    const { progression_history: history } = preferencesOf(1).ums_journey
    expect(history.at(-1)).toMatchObject({ to_type: 'registered' })
    expect(history.length).toBeLessThanOrEqual(2)
  })

  it('leaves a field alone that holds no JSON object, and refuses an unknown user', async () => {
    await expect(open().begin(SITE, '3', NOW_MS)).rejects.toThrow('no JSON object')
    expect(preferencesOf(3)).toEqual([])
    await expect(open().begin(SITE, '99', NOW_MS)).rejects.toMatchObject({ code: 'ums.not_found' })
  })
})

describe('usersTable', () => {
  it('fills an empty fingerprint and finds by it, and never replaces one that is there', async () => {
    const adapter = users()
    await adapter.saveFingerprint?.('1', 'a'.repeat(32))
    await adapter.saveFingerprint?.('1', 'b'.repeat(32))
    expect(await adapter.findByFingerprint?.('a'.repeat(32))).toMatchObject({ id: 1 })
    expect(await adapter.findByFingerprint?.('b'.repeat(32))).toBeUndefined()
  })

  it('takes plain names only for tables and columns', () => {
    expect(() => usersTable(() => [], { table: 'users; DROP TABLE users' })).toThrow('no plain')
  })

  it('numbers its placeholders for PostgreSQL', async () => {
    const seen: [string, string[]][] = []
    const adapter = usersTable(
      (sql, values) => {
        seen.push([sql, values])
        return []
      },
      { placeholders: 'numbered', table: 'app.people', preferences: 'settings' },
    )
    await adapter.writePreferences('7', { a: 1 }, 'text:{}')
    expect(seen).toEqual([
      [
        'UPDATE app.people SET settings = $1 WHERE id = $2 AND CAST(settings AS TEXT) = $3 RETURNING id',
        ['{"a":1}', '7', '{}'],
      ],
    ])
  })
})
