import { randomUUID } from 'node:crypto'
import { Client } from 'pg'
import { expect, it } from 'vitest'
import { openStorage } from '../open-storage.ts'
import { createDatabase } from '../platform/storage/on-every-engine.ts'
import { startServer } from '../testing/start-server.ts'
import { createTestBrowser } from '../testing/test-browser.ts'

async function connectTo(url: string): Promise<Client> {
  const client = new Client({ connectionString: url })
  await client.connect()
  return client
}

it('events and the opening of their session never wait for each other in a circle', async () => {
  const url = await createDatabase()
  const other = await connectTo(url)
  // Of its own: within a transaction PostgreSQL shows the same activity again and again.
  const watcher = await connectTo(url)
  // So that PostgreSQL does not untangle what it should never see; the statements then give up.
  await other.query(`ALTER DATABASE "${new URL(url).pathname.slice(1)}" SET deadlock_timeout = '1min'`)
  const storage = await openStorage(url, '', { patienceMs: 3000 })
  const server = await startServer({ storage })
  const browser = createTestBrowser(server)
  const { body } = await browser.call('POST', '/api/sessions', { body: {} })
  server.clock.advance(5000)
  const waiting = async () => {
    const { rows } = await watcher.query(
      "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
    )
    return rows.length
  }

  await other.query('BEGIN')
  await other.query('SELECT FROM visits FOR UPDATE')
  const event = { eventId: randomUUID(), eventType: 'PAGE_VIEW', payload: {} }
  const headers = { 'X-Session-ID': body.session.sessionId }
  const sent = browser.call('POST', '/api/events', { headers, body: event })
  await expect.poll(waiting).toBe(1)
  const opened = browser.call('POST', '/api/sessions', { headers, body: {} })
  await expect.poll(waiting).toBe(2)
  await other.query('ROLLBACK')

  expect((await sent).status).toBe(202)
  expect((await opened).status).toBe(200)
  await server.close()
  await storage.close()
  await Promise.all([other.end(), watcher.end()])
})
