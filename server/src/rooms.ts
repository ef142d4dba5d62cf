import { ActivityType } from '@helloagain/protocol'
import { createPasswords } from './accounts/passwords.ts'
import type { AccountParts, Accounts, LoginSession, SignIn } from './accounts/ports.ts'
import { createAccounts } from './accounts/service.ts'
import { createAccountStore } from './accounts/store.ts'
import { createTokens } from './accounts/tokens.ts'
import { createEventLog } from './events/event-log.ts'
import { createHousekeeping } from './events/housekeeping.ts'
import type { Events } from './events/ports.ts'
import { createEvents } from './events/service.ts'
import { createEventEraser } from './events/store.ts'
import { createExporters } from './exporters.ts'
import { createJourneyAnalytics } from './journey/analytics.ts'
import { toHotSession } from './journey/hot-session.ts'
import { createJourneys } from './journey/service.ts'
import { createJourneyStore } from './journey/store.ts'
import { createSealedBox } from './platform/crypto/sealed-box.ts'
import { createServerKeys, type ServerKeys } from './platform/crypto/server-keys.ts'
import { createSessionCookie } from './platform/http/session-cookie.ts'
import { createJobs } from './platform/jobs/jobs.ts'
import { createBotStore } from './recognition/bot-rows.ts'
import { createBotWatch } from './recognition/bot-watch.ts'
import { calibrateAside } from './recognition/calibrate-aside.ts'
import { readDatacenters } from './recognition/datacenters.ts'
import { createExpiry } from './recognition/expiry.ts'
import { createExplain } from './recognition/explain.ts'
import { createExplainStore } from './recognition/explain-rows.ts'
import { createFingerprintLookup } from './recognition/fingerprint-lookup.ts'
import { forgetProfileWithin } from './recognition/forget-within-rows.ts'
import { createVisitorGraph } from './recognition/graph.ts'
import { createHoldings } from './recognition/holdings.ts'
import { createHoldingsReader } from './recognition/holdings-rows.ts'
import { createLearning } from './recognition/learning.ts'
import { createLearningJobs } from './recognition/learning-jobs.ts'
import { createAlone } from './recognition/learning-lock-rows.ts'
import { createLearningStore } from './recognition/learning-rows.ts'
import { createObserve } from './recognition/observe.ts'
import { createRecogniser } from './recognition/recogniser.ts'
import { createRecogniserStore } from './recognition/recogniser-store.ts'
import { createRecognition } from './recognition/service.ts'
import { createRecognitionStore } from './recognition/store.ts'
import { createDeviceKeys } from './sessions/device-keys.ts'
import { createMemoryHotSessions } from './sessions/hot-memory.ts'
import type { Sessions } from './sessions/ports.ts'
import { createMemoryProofReplays } from './sessions/proof-replays.ts'
import { createIsTarget } from './sessions/proof-target.ts'
import { createSessions } from './sessions/service.ts'
import { createSessionStore, type SessionStore } from './sessions/store.ts'
import { createSites } from './sites/service.ts'
import { createSiteStore } from './sites/store.ts'
import type { World } from './world.ts'

const DAY_MS = 86_400_000
// About 300 bytes each; beyond it the oldest are read from the database again.
const MAX_HOT_SESSIONS = 100_000
// Of keys that are bound, within two minutes: each of them opened a session, and that is limited.
const MAX_PROOFS = 100_000

function createDevices({ config, nowMs }: World, keys: ServerKeys, store: SessionStore) {
  const { PUBLIC_URL: publicOrigin, TRUST_PROXY: trustedProxies } = config
  return createDeviceKeys({
    ...{ store, keys },
    replays: createMemoryProofReplays({ nowMs, maxProofs: MAX_PROOFS }),
    isTarget: createIsTarget({ publicOrigin, trustedProxies }),
  })
}

/** The recogniser, what it learns from, and what it tells about itself. */
function createRecognising(
  { storage, nowMs, log, config }: World,
  { keys, isSecure }: { keys: ServerKeys; isSecure: boolean },
) {
  const { RECOGNITION_LINK_CONFIDENCE: linkConfidence } = config
  const ttlMs = config.RECOGNITION_TOKEN_DAYS * DAY_MS
  const visitors = createRecognitionStore(storage, { countsBots: config.RECOGNISE_BOTS })
  const recogniserStore = createRecogniserStore(storage)
  const learningStore = createLearningStore(storage)
  const bots = createBotStore(storage)
  const learning = createLearning({
    store: { keepTrial: learningStore.keepTrial, knownAs: visitors.knownAs },
    log,
  })
  const recogniser = createRecogniser({
    ...{ store: recogniserStore, knownAs: visitors.knownAs, keys, nowMs, ttlMs },
    learning: learning.learnWith,
  })
  const explain = createExplain({
    store: { ...createExplainStore(storage), ...visitors, findProfile: recogniserStore.findProfile },
    ...{ consider: recogniser.consider, linkConfidence },
  })
  const learningJobs = createLearningJobs({
    ...{ learning, recogniser, nowMs, log, alone: createAlone(storage.engine), calibrate: calibrateAside },
    store: { ...learningStore, tallies: recogniserStore.tallies },
  })
  const flush = () =>
    Promise.all([learning.flush(), recogniser.flush()]).catch((error) =>
      log.warn({ err: error }, 'what was learned last is lost: the database does not take it'),
    )
  const fingerprints = createFingerprintLookup({ keys, log, nowMs, isSecure })
  return {
    ...{
      linkConfidence,
      recogniser,
      learningStore,
      explain,
      flush,
      fingerprints,
      bots,
    },
    recognition: createRecognition({
      ...{ store: visitors, profiles: recogniserStore, recogniser, keys, nowMs, linkConfidence },
      recognisesBots: config.RECOGNISE_BOTS,
      bots: createBotWatch({
        store: { ...visitors, ...bots },
        ...{ profiles: recogniserStore, datacenters: readDatacenters(config.DATACENTER_PREFIXES) },
      }),
    }),
    observe: createObserve({
      ...{ store: visitors, tokeniseFor: recogniser.tokeniseFor },
      isServerMade: fingerprints.isServerMade,
    }),
    graph: createVisitorGraph({ store: visitors, log }),
    holdings: createHoldings({
      ...{ store: visitors, profiles: recogniserStore, readRows: createHoldingsReader(storage) },
    }),
    recognitionJobs: [...learningJobs, createExpiry({ store: recogniserStore, nowMs, ttlMs, log })],
  }
}

/** What other rooms make of people who log in and out. */
function createAccountEvents(sessions: Sessions, events: Events): AccountParts['events'] {
  const sessionOf = async ({ siteId, sessionId }: LoginSession) =>
    sessionId === null ? undefined : sessions.findBySessionId(siteId, sessionId)
  return {
    loggedIn: async (session, atMs) =>
      void (await events.note(toHotSession(session), { eventType: ActivityType.LOGIN }, atMs)),
    async loginLasts(login, context) {
      const session = await sessionOf(login)
      const { userId, idleExpiresAtMs: untilMs } = login
      if (session) await sessions.userArrived(session, { userId, untilMs, atMs: context.nowMs, context })
    },
    async loginEnded(login, atMs) {
      const session = await sessionOf(login)
      if (session) await sessions.userLeft(session, login.userId, atMs)
    },
  }
}

/** Every room, built in dependency order, and nowhere else. */
export function createRooms(world: World) {
  const { storage, nowMs, log, secret, config } = world
  const keys = createServerKeys(secret)
  const isSecure = config.PUBLIC_URL?.startsWith('https:') ?? false
  const cookie = createSessionCookie(keys, { isSecure })

  const sites = createSites({ store: createSiteStore(storage), nowMs })
  const journeyStore = createJourneyStore(storage)
  const journeys = createJourneys({ book: journeyStore })

  const { recognitionJobs, ...recognising } = createRecognising(world, { keys, isSecure })
  const { recognition } = recognising

  const accountStore = createAccountStore(storage)
  const tokens = createTokens({
    store: accountStore,
    box: createSealedBox(keys.key('sealed-box')),
    nowMs,
    issuer: config.PUBLIC_URL ?? 'helloagain',
    log,
  })

  const sessionStore = createSessionStore(storage, forgetProfileWithin)
  const devices = createDevices(world, keys, sessionStore)
  const sessions = createSessions({
    ...{ store: sessionStore, devices, recognition, cookie, nowMs },
    hot: createMemoryHotSessions({ nowMs, maxSessions: MAX_HOT_SESSIONS }),
    expiryMs: config.SESSION_EXPIRY,
    events: {
      visitorCreated: async ({ siteId, visitorId, atMs }) =>
        void (await journeys.begin(siteId, visitorId, atMs)),
      visitorReturned: async ({ siteId, visitorId, atMs }) =>
        void (await journeys.promoteToReturning(siteId, visitorId, atMs)),
    },
    // Sessions and accounts need each other; by the time anybody asks, accounts are there.
    userAttributes: (siteId, userId) => accounts.userAttributes(siteId, userId),
  })

  const eventLog = createEventLog(storage)
  const retentionMs = config.EVENT_RETENTION_DAYS * DAY_MS
  const housekeeping = createHousekeeping(storage, { nowMs, log, retentionMs })
  const events = createEvents({
    ...{ log: eventLog, nowMs, retentionMs },
    isEnabled: config.ENABLE_EVENT_TRACKING,
  })
  const accounts: Accounts & SignIn = createAccounts({
    store: accountStore,
    sessions,
    journeys,
    tokens,
    passwords: createPasswords(),
    events: createAccountEvents(sessions, events),
    ...{ keys, log, nowMs },
  })
  const jobs = createJobs([...housekeeping.jobs, ...recognitionJobs], { log })
  const analyst = createJourneyAnalytics({ journeys, sessions, events, recognition })
  const erasers = [createEventEraser(storage), journeyStore.eraseJourney]
  const exporters = createExporters({ ...recognising, journeys, sessions, eventLog })
  return {
    readDeviceProof: devices.read,
    ...{ keys, isSecure, cookie, nowMs, log, sites, journeys, tokens },
    ...recognising,
    ...{ sessions, eventLog, events, accounts, analyst, erasers, exporters },
    /** To be waited for before anybody is served. */
    prepare: housekeeping.prepare,
    jobs,
    /** Stops timers and jobs, and writes down what was learned. */
    async stop() {
      recognising.fingerprints.stop()
      await jobs.stop()
      await recognising.flush()
    },
  }
}

export type Rooms = ReturnType<typeof createRooms>
