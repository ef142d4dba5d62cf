import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStorage } from '../../../../server/src/open-storage.ts'
import { type StartedServer, startServer } from '../../../../server/src/testing/start-server.ts'
import { hashSignals } from '../../../recognition/src/index.ts'
import { normalizeVisit } from '../recognition/replay/normal-visit.ts'
import { drawSignals } from '../recognition/world/describe-population.ts'
import { listWorlds } from '../recognition/world/worlds.ts'

/** A visit of each of so many people, with what their browsers observed, from networks of their own. */
async function postVisits({ url, sites }: StartedServer, people: number): Promise<void> {
  const [world] = listWorlds('tune')
  if (!world) throw new Error('There is no world to draw people from.')
  // A hash of another salt would be somebody else's, and its signals nobody's.
  const { fingerprintSalt } = await sites.getDefault()
  let number = 0
  for (const [, raw] of drawSignals(world, people)) {
    const { signals, unstable } = normalizeVisit({ signals: { ...raw }, unstable: [] })
    const fingerprint = { hash: hashSignals(signals, fingerprintSalt), signals, unstable }
    const response = await fetch(`${url}/api/sessions`, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        'User-Agent': String(raw.userAgent),
        'X-Forwarded-For': `10.${number >> 8}.${number & 255}.9`,
      },
      body: JSON.stringify({ fingerprint, consent: { choice: 'granted' } }),
    })
    if (!response.ok) throw new Error(`The crowd was refused: ${response.status} ${await response.text()}`)
    number += 1
  }
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
  const server = await startServer({ storage, config: { TRUST_PROXY: ['loopback'], RECOGNISE_BOTS: true } })
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
