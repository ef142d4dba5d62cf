import type { Profile } from '@helloagain/recognition/linkage'
import type { HeldRows } from './holdings-rows.ts'
import type { RecognitionStore } from './ports.ts'
import type { RecogniserStore } from './recogniser-ports.ts'

export interface HoldingsParts {
  readonly store: Pick<RecognitionStore, 'findVisitor'>
  readonly profiles: Pick<RecogniserStore, 'findProfile'>
  readonly readRows: (siteId: string, visitorId: string) => Promise<HeldRows>
}

const iso = (atMs: number) => new Date(atMs).toISOString()
const isoOrNull = (atMs: number | null) => (atMs === null ? null : iso(atMs))
const seen = ({ firstSeenAtMs, lastSeenAtMs }: { firstSeenAtMs: number; lastSeenAtMs: number }) => ({
  firstSeenAt: iso(firstSeenAtMs),
  lastSeenAt: iso(lastSeenAtMs),
})

/** Of each signal how many values are remembered, and since when; not the tokens, which nobody can read. */
function profileView({ sets, ...profile }: Profile) {
  const { browserFamily, browserMajor, osFamily, screenClass, observations } = profile
  const values = Object.entries(sets).map(([signal, set]) => ({
    signal,
    remembered: set.length,
    ...seen({
      firstSeenAtMs: Math.min(...set.map(({ firstSeenAtMs }) => firstSeenAtMs)),
      lastSeenAtMs: Math.max(...set.map(({ lastSeenAtMs }) => lastSeenAtMs)),
    }),
  }))
  return { browserFamily, browserMajor, osFamily, screenClass, observations, ...seen(profile), values }
}

/** A link without the other end: that may be somebody else. */
const linkView = (link: HeldRows['links'][number], visitorId: string) => ({
  isHeldToBeAnother: link.visitorId === visitorId,
  method: link.method,
  confidence: link.confidence,
  createdAt: iso(link.createdAtMs),
  undoneAt: isoOrNull(link.undoneAtMs),
})

/**
 * What recognition holds of a visitor, for that person (GDPR Art. 15). It follows proof: of whom a fingerprint only
 * links to it, it tells nothing.
 */
export const createHoldings =
  ({ store, profiles, readRows }: HoldingsParts) =>
  async (siteId: string, visitorId: string) => {
    const visitor = await store.findVisitor(siteId, visitorId)
    const profile = await profiles.findProfile(siteId, visitorId)
    const rows = await readRows(siteId, visitorId)
    return {
      visitor: visitor && {
        visitorId,
        ...seen(visitor),
        visits: visitor.visitCount,
        userId: visitor.userId,
        botReasons: visitor.botReasons,
        isShared: visitor.isShared,
      },
      profile: profile ? profileView(profile) : null,
      fingerprints: rows.fingerprints.map(({ source, observationConfidence, ...times }) => ({
        ...{ source, observationConfidence },
        ...seen(times),
      })),
      deviceIds: rows.deviceIds.map(seen),
      deviceKeys: rows.deviceKeys.map(({ keyId, createdAtMs }) => ({ keyId, createdAt: iso(createdAtMs) })),
      userEdges: rows.userEdges.map(({ userId, fromMs, toMs }) => ({
        ...{ userId, from: iso(fromMs), to: isoOrNull(toMs) },
      })),
      links: rows.links.map((link) => linkView(link, visitorId)),
      trials: rows.trials,
    }
  }
