import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { LoginRequest, ProfileValue, SignupRequest } from '@helloagain/protocol'
import { hash as argonHash, verify as argonVerify } from '@node-rs/argon2'
import { createPasswords, type PasswordCosts } from '../accounts/passwords.ts'
import type { Caller } from '../accounts/ports.ts'
import { createAccounts } from '../accounts/service.ts'
import { createAccountStore } from '../accounts/store.ts'
import { createTokens } from '../accounts/tokens.ts'
import type { Journeys } from '../journey/ports.ts'
import { openStorage } from '../open-storage.ts'
import { createSealedBox } from '../platform/crypto/sealed-box.ts'
import { createServerKeys } from '../platform/crypto/server-keys.ts'
import type { RequestContext, SiteIdentity } from '../platform/http/context.ts'
import { Problem } from '../platform/http/problem.ts'
import { newId } from '../platform/ids.ts'
import { createLog } from '../platform/log.ts'
import type { Storage } from '../platform/storage/storage.ts'
import type { Session, Sessions } from '../sessions/ports.ts'
import type { Tables } from '../tables.ts'

export const SECRET = 'test-only-0123456789-abcdefghijklmnop'
export const PASSWORD = 'korrekt pferd batterie'
export const EMAIL = 'ada@example.com'

// The least Argon2 takes: these tests ask who gets in, not how long it takes.
const CHEAP: PasswordCosts = { memoryCost: 1024, timeCost: 1, parallelism: 1 }

export const siteOf = (name: string): SiteIdentity => ({
  id: newId(),
  name,
  fingerprintSalt: 'salt',
  unsetMode: 'recognition',
})

export const site = siteOf('default')

interface Kept {
  session: Session
  secret: string
  isEnded: boolean
  profile: Record<string, ProfileValue>
}

function newSession(siteId: string, atMs: number): Session {
  return {
    id: newId(),
    siteId,
    sessionId: newId(),
    visitorId: newId(),
    userId: null,
    cookieHash: 'hash',
    deviceKeyId: null,
    mode: 'recognition',
    metadata: {},
    firstTouch: null,
    lastTouch: null,
    currentVisitId: null,
    lastSeenAtMs: atMs,
    expiresAtMs: atMs + 86_400_000,
    clockOffsetMs: null,
    convertedAtMs: null,
    convertedUser: null,
    createdAtMs: atMs,
  }
}

/** The sessions room as its ports promise it: proof is the cookie's secret, an ended session proves nothing. */
function createSessionsInMemory(nowMs: () => number) {
  const all: Kept[] = []
  const bySession = ({ id }: { id: string }) => {
    const found = all.find(({ session }) => session.id === id)
    if (!found) throw new Error('No such session.')
    return found
  }
  function open(siteId: string): Kept {
    const session = newSession(siteId, nowMs())
    const kept = { session, secret: randomBytes(8).toString('hex'), isEnded: false, profile: {} }
    all.push(kept)
    return kept
  }
  const proven = ({ site: at, cookieSecret }: RequestContext) =>
    all.find((kept) => kept.session.siteId === at.id && kept.secret === cookieSecret && !kept.isEnded)

  const sessions: Pick<
    Sessions,
    | 'endForUser'
    | 'findBySessionId'
    | 'linkToUser'
    | 'listByVisitor'
    | 'mergeProfile'
    | 'openFresh'
    | 'provenOrFresh'
    | 'resolve'
    | 'userData'
  > = {
    async resolve(context) {
      const found = proven(context)
      if (found) return { session: found.session, proof: 'cookie' }
      const named = all.find(({ session }) => session.sessionId === context.sessionId)
      return named && { session: named.session, proof: undefined }
    },
    async provenOrFresh(context, setCookie) {
      const found = proven(context)
      if (found) return found.session
      const { session, secret } = open(context.site.id)
      setCookie(`session=${secret}`)
      return session
    },
    async openFresh(context, setCookie) {
      const { session, secret } = open(context.site.id)
      setCookie(`session=${secret}`)
      return session
    },
    listByVisitor: async (siteId, visitorId) =>
      all
        .map(({ session }) => session)
        .filter((known) => known.siteId === siteId && known.visitorId === visitorId),
    findBySessionId: async (siteId, sessionId) =>
      all.find(({ session }) => session.siteId === siteId && session.sessionId === sessionId)?.session,
    async linkToUser(session, userId, atMs) {
      const kept = bySession(session)
      const owner = kept.session.userId ?? kept.session.convertedUser
      if (owner !== null && owner !== userId) throw new Problem('conversion.already_linked')
      kept.session = { ...kept.session, userId, convertedAtMs: atMs, convertedUser: userId }
      return kept.session
    },
    async endForUser(session) {
      const kept = bySession(session)
      kept.isEnded = true
    },
    userData: async (session) => bySession(session).profile,
    async mergeProfile(session, fields) {
      const kept = bySession(session)
      Object.assign(kept.profile, fields)
      return kept.profile
    },
  }
  return { sessions, all, open }
}

export interface WorldOptions {
  readonly log?: ReturnType<typeof createLog>
  readonly costs?: PasswordCosts
}

/** The accounts room over a real store; the rooms beside it are in memory, and every Argon2 is counted. */
export function createAccountWorld(storage: Storage<Tables>, { log, costs = CHEAP }: WorldOptions = {}) {
  const clock = { atMs: Date.UTC(2026, 0, 1) }
  const nowMs = () => clock.atMs
  const work = { hashes: 0, verifies: 0 }
  const counted = {
    hash: (...input: Parameters<typeof argonHash>) => {
      work.hashes += 1
      return argonHash(...input)
    },
    verify: (...input: Parameters<typeof argonVerify>) => {
      work.verifies += 1
      return argonVerify(...input)
    },
  }
  const keys = createServerKeys(SECRET)
  const store = createAccountStore(storage)
  const box = createSealedBox(keys.key('sealed-box'))
  const tokens = createTokens({
    store,
    box,
    nowMs,
    issuer: 'https://ha.example',
    log: log ?? createLog('silent'),
  })
  const room = createSessionsInMemory(nowMs)
  const promoted: string[] = []
  const loggedIn: string[] = []
  const journeys: Pick<Journeys, 'promoteToRegistered'> = {
    async promoteToRegistered(siteId, subjectId) {
      promoted.push(subjectId)
      const nobody = { userType: 'registered', journeyStage: 'converted', firstVisitAtMs: 0 } as const
      return { subjectId, siteId, ...nobody, version: 1, history: [] }
    },
  }
  const parts = {
    store,
    sessions: room.sessions as Sessions,
    journeys: journeys as Journeys,
    tokens,
    passwords: createPasswords({ argon: counted, costs }),
    events: {
      loggedIn: async ({ sessionId }: Session) => void loggedIn.push(sessionId),
      loginLasts: async () => undefined,
      loginEnded: async () => undefined,
    },
    keys,
    log: log ?? createLog('silent'),
    nowMs,
  }
  return { accounts: createAccounts(parts), parts, tokens, store, box, room, clock, work, promoted, loggedIn }
}

export type AccountWorld = ReturnType<typeof createAccountWorld>

/** A browser with its cookie jar, calling the service as the routes do. */
export function createBrowser({ accounts, clock }: AccountWorld, where: SiteIdentity) {
  const jar = {
    session: undefined as string | undefined,
    refresh: undefined as string | undefined,
    known: [] as string[],
  }
  let accessToken: string | undefined
  const caller = (change: Partial<RequestContext> = {}): Caller => ({
    context: {
      requestId: 'test',
      nowMs: clock.atMs,
      site: where,
      credential: { kind: 'none' },
      address: { limitKey: '192.0.2.1', prefix: '192.0.2.0/24', isLoopback: false },
      sessionId: undefined,
      cookieSecret: jar.session,
      hasOptOutSignal: false,
      isFromBrowser: true,
      path: '/',
      request: {
        headers: { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0' },
      } as IncomingMessage,
      ...change,
    },
    refreshToken: jar.refresh,
    knownUserIds: [...jar.known],
    setCookie: (header) => {
      jar.session = header.split('=')[1]
    },
  })
  function keep<T extends { refreshToken: string; accessToken: { token: string } }>(answer: T): T {
    jar.refresh = answer.refreshToken
    accessToken = answer.accessToken.token
    return answer
  }

  return {
    jar,
    caller,
    accessToken: () => accessToken ?? '',
    async signUp(request: SignupRequest, change?: Partial<RequestContext>) {
      const answer = keep(await accounts.signUp(caller(change), request))
      jar.known = [answer.user.id, ...jar.known]
      return answer
    },
    async logIn(request: LoginRequest, change?: Partial<RequestContext>) {
      const answer = keep(await accounts.logIn(caller(change), request))
      jar.known = [answer.user.id, ...jar.known]
      return answer
    },
    refresh: async () => keep(await accounts.refresh(caller())),
    async logOut(change?: Partial<RequestContext>) {
      await accounts.logOut(caller(change))
      jar.refresh = undefined
    },
  }
}

/** A fresh world, what it logged, and people whose address is verified. */
export async function openAccountTest() {
  const storage = await openStorage(':memory:', '')
  const lines: string[] = []
  const world = createAccountWorld(storage, {
    log: createLog('debug', { write: (line) => void lines.push(line) }),
  })

  /** What following the link of the mail will do. */
  async function verifyAddress(userId: string): Promise<void> {
    const { engine } = storage
    if (engine.kind !== 'sqlite') throw new Error('Written for SQLite.')
    await engine.inTurn((client) =>
      client.prepare('UPDATE users SET email_verified_at_ms = ? WHERE id = ?').run(world.clock.atMs, userId),
    )
  }
  return {
    world,
    storage,
    log: () => lines.join(''),
    verifyAddress,
    async verifiedUser(email = EMAIL) {
      const { user } = await createBrowser(world, site).signUp({ email, password: PASSWORD })
      await verifyAddress(user.id)
      return user
    },
  }
}

export type AccountTest = Awaited<ReturnType<typeof openAccountTest>>
