import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStorage } from '../../../../server/src/open-storage.ts'
import { type StartedServer, startServer } from '../../../../server/src/testing/start-server.ts'
import { hashSignals } from '../../../recognition/src/index.ts'
import { normalizeVisit } from '../recognition/replay/normal-visit.ts'
import { drawSignals } from '../recognition/world/describe-population.ts'
import { listWorlds } from '../recognition/world/worlds.ts'

const DAY_MS = 86_400_000
const DAYS_BETWEEN = 3
/** One of so many comes back: to a site that nobody ever came back to, somebody new is the better guess. */
const RETURNING_ONE_OF = 3

interface Call {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** First visits of so many people, with what their browsers observed, from networks of their own. */
async function drawCalls({ sites }: StartedServer, people: number): Promise<Call[]> {
  const [world] = listWorlds('tune')
  if (!world) throw new Error('There is no world to draw people from.')
  // A hash of another salt would be somebody else's, and its signals nobody's.
  const { fingerprintSalt } = await sites.getDefault()
  return [...drawSignals(world, people)].map(([, raw], number) => {
    const { signals, unstable } = normalizeVisit({ signals: { ...raw }, unstable: [] })
    const fingerprint = { hash: hashSignals(signals, fingerprintSalt), signals, unstable }
    return {
      headers: {
        'Content-Type': 'application/json',
        'User-Agent': String(raw.userAgent),
        'X-Forwarded-For': `10.${number >> 8}.${number & 255}.9`,
      },
      body: JSON.stringify({ fingerprint, consent: { choice: 'granted' } }),
    }
  })
}

/** @returns the cookies of the answer */
async function post({ url }: StartedServer, { headers, body }: Call): Promise<string> {
  const response = await fetch(`${url}/api/sessions`, { method: 'POST', headers, body })
  if (!response.ok) throw new Error(`The crowd was refused: ${response.status} ${await response.text()}`)
  return response.headers
    .getSetCookie()
    .map((line) => line.replace(/;.*/, ''))
    .join('; ')
}

/** A visit of each, and days later another one of some, by their cookie. */
async function postVisits(server: StartedServer, people: number): Promise<void> {
  const returning: Call[] = []
  for (const [number, call] of (await drawCalls(server, people)).entries()) {
    const cookie = await post(server, call)
    if (number % RETURNING_ONE_OF === 0) {
      returning.push({ ...call, headers: { ...call.headers, Cookie: cookie } })
    }
  }
  server.clock.advance(DAYS_BETWEEN * DAY_MS)
  for (const call of returning) await post(server, call)
}

/** Everybody else on the site, ready to be copied into any number of databases. */
export interface Crowd {
  /** @returns address of a database of its own */
  copy(): Promise<string>
  close(): Promise<void>
}

export async function gatherCrowd(people: number): Promise<Crowd> {
  const folder = await mkdtemp(join(tmpdir(), 'helloagain-crowd-'))
  const path = join(folder, 'crowd.sqlite')
  const storage = await openStorage(`file:${path}`, '')
  const server = await startServer({
    storage,
    config: { TRUST_PROXY: ['loopback'], RECOGNISE_BOTS: true },
    startAtMs: Date.now() - DAYS_BETWEEN * DAY_MS,
  })
  await postVisits(server, people)
  await server.close()
  await storage.close()
  let copies = 0
  return {
    async copy() {
      copies += 1
      const own = join(folder, `${copies}.sqlite`)
      await cp(path, own)
      return `file:${own}`
    },
    close: () => rm(folder, { recursive: true, force: true }),
  }
}
