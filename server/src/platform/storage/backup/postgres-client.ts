import { Client } from 'pg'

const CONNECT_LIMIT_MS = 10_000

/** Quotes a name for PostgreSQL. */
export const quote = (name: string) => `"${name.replaceAll('"', '""')}"`

/** Runs work on a connection of its own: COPY cannot share a pipelined one. A lost connection fails its query. */
export async function withClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: CONNECT_LIMIT_MS })
  client.on('error', () => undefined)
  await client.connect()
  try {
    // An administrator's limits are for queries of a moment.
    await client.query('SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0')
    return await work(client)
  } finally {
    // An open transaction ends with its connection.
    await client.end()
  }
}
