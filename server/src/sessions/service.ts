import type { RequestContext } from '../platform/http/context.ts'
import { newId } from '../platform/ids.ts'
import { type Cookieless, createCookieless } from './cookieless.ts'
import { createDaySalt } from './day-salt.ts'
import { createExportVisitor, type ExportVisitor } from './export-visitor.ts'
import { createHandOver } from './hand-over.ts'
import { createOpenForEvents } from './ingest-sessions.ts'
import { createLinks, type Links } from './links.ts'
import { type Basis, createMaker, type Maker } from './maker.ts'
import { createOpening, type OpenSession } from './opening.ts'
import type { SessionParts } from './parts.ts'
import { isExpired } from './policy.ts'
import type { Session, Sessions } from './ports.ts'
import { createPresences } from './presence.ts'
import { createPrivacy, type SessionPrivacy } from './privacy.ts'
import { createProfiles, type Profiles } from './profiles.ts'
import { createProofs, type Proofs } from './proofs.ts'

/** What the room's own routes need beyond what it offers the others. */
export interface SessionDesk
  extends Profiles,
    Links,
    SessionPrivacy,
    Pick<Proofs, 'findProven' | 'issueNonce' | 'proofOf'> {
  /** Seconds a session lives without activity. */
  readonly ttlSeconds: number
  readonly open: OpenSession
  readonly openCookieless: Cookieless['open']
  readonly exportVisitor: ExportVisitor
  /** The Set-Cookie header that takes the session cookie away. */
  clearCookie(): string
}

/** Sessions, their proofs, profiles, links and consent. */
export function createSessions(parts: SessionParts): Sessions & SessionDesk {
  const { store, hot, events, cookie, nowMs } = parts
  const proofs = createProofs(parts)
  const maker = createMaker(parts)
  const cookieless = createCookieless(parts, createDaySalt(nowMs))
  const { listByVisitor, listByUser, visitsOf, find } = store

  return {
    ...proofs,
    ...createProfiles(parts),
    ...createLinks(parts),
    ...createPresences(parts),
    ...createPrivacy(parts),
    exportVisitor: createExportVisitor(parts),
    ...createFreshSessions({ ...parts, proofs, maker }),
    open: createOpening(parts, proofs, maker),
    openCookieless: cookieless.open,
    openForEvents: createOpenForEvents({ store, hot, events, proofs, maker, cookieless }),
    ttlSeconds: Math.floor(parts.expiryMs / 1000),
    clearCookie: () => cookie.header('', 0),
    findBySessionId: find,
    listByVisitor,
    listByUser,
    visitsOf,
  }
}

/**
 * Where silence means no, or the browser asks not to be recognised, a person who signs up gets a session of its own
 * accord: the cookie serves what the person asked for, and nothing is recognised by it.
 */
const modeOfFresh = ({ hasOptOutSignal, site }: RequestContext) =>
  hasOptOutSignal ? 'cookieless' : site.unsetMode

type FreshParts = Pick<SessionParts, 'hot' | 'recognition' | 'store'> & {
  readonly proofs: Proofs
  readonly maker: Maker
}

function createFreshSessions(parts: FreshParts): Pick<Sessions, 'openFresh' | 'provenOrFresh'> {
  const { store, proofs, maker } = parts
  const handOver = createHandOver(parts, proofs)

  async function make(context: RequestContext, sessionId: string, basis: Basis) {
    return maker.make(context, { sessionId, mode: modeOfFresh(context), basis })
  }

  /** The living session this request proves, by its id or by the cookie alone. */
  async function findProven(context: RequestContext): Promise<{ living?: Session } & Basis> {
    const named = await proofs.resolve(context)
    const held = named?.proof ? named.session : await proofs.findByKey(context)
    const proven = held ?? (await proofs.findByCookie(context))
    if (!proven) return {}
    if (!isExpired(proven, context.nowMs)) return { living: proven }
    return { visitorId: proven.visitorId, hasNewSecret: !proofs.hasCookieOf(context, proven) }
  }

  return {
    async openFresh(context, setCookie) {
      await handOver(context)
      const made = await make(context, newId(), { isFresh: true })
      if (made.setCookie !== undefined) setCookie(made.setCookie)
      return made.session
    },
    async provenOrFresh(context, setCookie) {
      const { living, ...basis } = await findProven(context)
      if (living) return living
      const { sessionId, site } = context
      const isUnused = sessionId !== undefined && !(await store.find(site.id, sessionId))
      const first = await make(context, isUnused ? sessionId : newId(), basis)
      // Where somebody else took the id at this very moment it proves nothing of us.
      const made = first.isMaker ? first : await make(context, newId(), basis)
      if (made.setCookie !== undefined) setCookie(made.setCookie)
      return made.session
    },
  }
}
