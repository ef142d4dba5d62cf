import { randomUUID } from 'node:crypto'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStorage } from '../../../../server/src/open-storage.ts'
import { type StartedServer, startServer } from '../../../../server/src/testing/start-server.ts'
import { hashSignals } from '../../../recognition/src/index.ts'
import { normalizeVisit } from '../recognition/replay/normal-visit.ts'
import type { Seen } from '../recognition/replay/parse-visit.ts'
import { visitsOf } from '../recognition/replay/run-world.ts'
import { findWorld } from '../recognition/world/worlds.ts'

/** Twice as long as tokens live: by then a site knows how often people come back, and how often without a cookie. */
const DAYS = 60

/**
 * The visits of so many people, as they come: on no fixed day, with cookies, and without where those were cleared or
 * kept from us.
 */
function drawVisits(people: number): Seen[] {
  const world = findWorld('tune-mixed-poisson')
  return [...visitsOf({ ...world, browsers: people, days: DAYS })].map(({ seen }) => seen)
}

/** The call that a browser makes on such a visit, with the cookie it holds. */
function callOf(visit: Seen, { salt, jar }: { salt: string; jar: string | undefined }): RequestInit {
  const { signals, unstable } = normalizeVisit(visit)
  const fingerprint = { hash: hashSignals(signals, salt), signals, unstable }
  return {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      'User-Agent': String(visit.signals['userAgent']),
      ...(visit.network === undefined ? {} : { 'X-Forwarded-For': addressIn(visit.network) }),
      ...(jar === undefined ? {} : { Cookie: jar }),
    },
    body: JSON.stringify({ fingerprint, consent: { choice: 'granted' } }),
  }
}

/** Lets visits happen on a site, each at its time. */
async function post({ url, sites, clock }: StartedServer, visits: readonly Seen[]): Promise<void> {
  // A hash of another salt would be somebody else's, and its signals nobody's.
  const { fingerprintSalt: salt } = await sites.getDefault()
  /** By the world's cookie, the site's own. */
  const jars = new Map<string, string>()
  let nowMs = visits[0]?.atMs ?? 0
  for (const visit of visits) {
    clock.advance(visit.atMs - nowMs)
    nowMs = visit.atMs
    const cookie = visit.evidence.cookie ?? randomUUID()
    const response = await fetch(`${url}/api/sessions`, callOf(visit, { salt, jar: jars.get(cookie) }))
    if (!response.ok) throw new Error(`The crowd was refused: ${response.status} ${await response.text()}`)
    const kept = response.headers.getSetCookie().map((line) => line.replace(/;.*/, ''))
    if (kept.length > 0) jars.set(cookie, kept.join('; '))
  }
}

/** @param prefix as in `203.0.113.0/24` */
const addressIn = (prefix: string) => prefix.replace(/\.0\/24$/, '.9').replace(/::\/48$/, '::9')

/** Everybody else on the site, ready to be copied into any number of databases. */
export interface Crowd {
  /** @returns address of a database of its own */
  copy(): Promise<string>
  close(): Promise<void>
}

export async function gatherCrowd(people: number): Promise<Crowd> {
  const folder = await mkdtemp(join(tmpdir(), 'helloagain-crowd-'))
  const path = join(folder, 'crowd.sqlite')
  const visits = drawVisits(people)
  const tookMs = (visits.at(-1)?.atMs ?? 0) - (visits[0]?.atMs ?? 0)
  const storage = await openStorage(`file:${path}`, '')
  const server = await startServer({
    storage,
    config: { TRUST_PROXY: ['loopback'], RECOGNISE_BOTS: true },
    startAtMs: Date.now() - tookMs,
  })
  await post(server, visits)
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
