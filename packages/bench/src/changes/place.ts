import { openStorage } from '../../../../server/src/open-storage.ts'
import { type StartedServer, startServer } from '../../../../server/src/testing/start-server.ts'
import type { Observer } from '../probes/contenders.ts'
import type { Crowd } from './crowd.ts'
import { openSite, type Site } from './site.ts'

const DAY_MS = 86_400_000

/** What the server says about a visitor, by its secret-key API. */
export interface Verdict {
  readonly visitorId: string
  readonly isLinkable: boolean
  readonly reasons: readonly { readonly code: string }[]
  readonly decision: {
    readonly method: string
    readonly visitorId: string | null
    readonly confidence: number
    readonly anonymitySet: number
    readonly observationConfidence: number | null
  } | null
  readonly links: readonly { readonly knownVisitorId: string; readonly undoneAt: string | null }[]
}

/** A site of its own with the real server, a crowd on it, and nobody else yet. */
export interface Place {
  readonly site: Site
  /** Moves the server's clock. */
  sleepDays(days: number): void
  explain(sessionId: string): Promise<Verdict>
  close(): Promise<void>
}

export interface PlaceOptions {
  readonly crowd: Crowd
  readonly rivals?: readonly Observer[]
  /** Browsers that say that they are driven are recognised like people's. */
  readonly recogniseBots?: boolean
}

async function ask(server: StartedServer, key: string, sessionId: string): Promise<Verdict> {
  const answer = await fetch(`${server.url}/api/recognition/explain?sessionId=${sessionId}`, {
    headers: { Authorization: `Bearer ${key}` },
  })
  if (!answer.ok) throw new Error(`No explanation: ${answer.status} ${await answer.text()}`)
  return (await answer.json()) as Verdict
}

export async function openPlace({ crowd, rivals = [], recogniseBots = false }: PlaceOptions): Promise<Place> {
  const storage = await openStorage(await crowd.copy(), '')
  const config = { TRUST_PROXY: ['loopback'], RECOGNISE_BOTS: recogniseBots }
  const server = await startServer({ storage, config })
  const { key } = await server.sites.createKey('default', 'secret', ['visitors:read'])
  const site = await openSite(server.url, rivals)
  await server.sites.addOrigin('default', site.url)
  return {
    site,
    sleepDays: (days) => server.clock.advance(days * DAY_MS),
    explain: (sessionId) => ask(server, key, sessionId),
    async close() {
      site.close()
      await server.close()
      await storage.close()
    },
  }
}
