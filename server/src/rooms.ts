import { ActivityType } from '@helloagain/protocol'
import { createPasswords } from './accounts/passwords.ts'
import type { Accounts, SignIn } from './accounts/ports.ts'
import { createAccounts } from './accounts/service.ts'
import { createAccountStore } from './accounts/store.ts'
import { createTokens } from './accounts/tokens.ts'
import { createEventLog } from './events/event-log.ts'
import { createHousekeeping } from './events/housekeeping.ts'
import { createEvents } from './events/service.ts'
import { createEventEraser } from './events/store.ts'
import { createJourneyAnalytics } from './journey/analytics.ts'
import { toHotSession } from './journey/hot-session.ts'
import { createJourneys } from './journey/service.ts'
import { createJourneyStore } from './journey/store.ts'
import { createSealedBox } from './platform/crypto/sealed-box.ts'
import { createServerKeys, type ServerKeys } from './platform/crypto/server-keys.ts'
import { createSessionCookie } from './platform/http/session-cookie.ts'
import { createJobs } from './platform/jobs/jobs.ts'
import { createBotStore } from './recognition/bot-rows.ts'
import { createExplain } from './recognition/explain.ts'
import { createExplainStore } from './recognition/explain-rows.ts'
import { createFingerprintLookup } from './recognition/fingerprint-lookup.ts'
import { createVisitorGraph } from './recognition/graph.ts'
import { createLearning } from './recognition/learning.ts'
import { createLearningJobs } from './recognition/learning-jobs.ts'
import { createAlone } from './recognition/learning-lock-rows.ts'
import { createLearningStore } from './recognition/learning-rows.ts'
import { createObserve } from './recognition/observe.ts'
import type { RecognitionStore } from './recognition/ports.ts'
import { createRecogniser } from './recognition/recogniser.ts'
import { createRecogniserStore } from './recognition/recogniser-store.ts'
import { createRecognition } from './recognition/service.ts'
import { createRecognitionStore } from './recognition/store.ts'
import { createDeviceKeys } from './sessions/device-keys.ts'
import { createMemoryHotSessions } from './sessions/hot-memory.ts'
import { createMemoryProofReplays } from './sessions/proof-replays.ts'
import { createIsTarget } from './sessions/proof-target.ts'
import { createSessions } from './sessions/service.ts'
import { createSessionStore, type SessionStore } from './sessions/store.ts'
import { createSites } from './sites/service.ts'
import { createSiteStore } from './sites/store.ts'
import type { World } from './world.ts'

const DAY_MS = 86_400_000
// RECOGNITION.md: tokens expire 30 days after they were last seen.
const TOKEN_TTL_MS = 30 * DAY_MS
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
function createRecognising({ storage, nowMs, log }: World, keys: ServerKeys, visitors: RecognitionStore) {
  const recogniserStore = createRecogniserStore(storage)
  const learningStore = createLearningStore(storage)
  const learning = createLearning({
    store: { keepTrial: learningStore.keepTrial, knownAs: visitors.knownAs },
    log,
  })
  const recogniser = createRecogniser({
    ...{ store: recogniserStore, keys, nowMs, ttlMs: TOKEN_TTL_MS },
    learning: learning.learnWith,
  })
  const explain = createExplain({
    store: { ...createExplainStore(storage), ...visitors, findProfile: recogniserStore.findProfile },
    consider: recogniser.consider,
  })
  const learningJobs = createLearningJobs({
    ...{ learning, nowMs, log, alone: createAlone(storage.engine) },
    store: { ...learningStore, tallies: recogniserStore.tallies },
  })
  return { recogniser, learning, learningStore, learningJobs, explain, bots: createBotStore(storage) }
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

  const recognitionStore = createRecognitionStore(storage)
  const recognition = createRecognition({ store: recognitionStore, keys, nowMs })
  const graph = createVisitorGraph({ store: recognitionStore, log })
  const recognising = createRecognising(world, keys, recognitionStore)
  const fingerprints = createFingerprintLookup({ keys, log, nowMs, isSecure })
  const observe = createObserve({ store: recognitionStore, isServerMade: fingerprints.isServerMade })

  const accountStore = createAccountStore(storage)
  const tokens = createTokens({
    store: accountStore,
    box: createSealedBox(keys.key('sealed-box')),
    nowMs,
    issuer: config.PUBLIC_URL ?? 'helloagain',
    log,
  })

  const sessionStore = createSessionStore(storage)
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
    log: eventLog,
    nowMs,
    retentionMs,
    isEnabled: config.ENABLE_EVENT_TRACKING,
  })
  const accounts: Accounts & SignIn = createAccounts({
    store: accountStore,
    sessions,
    journeys,
    tokens,
    passwords: createPasswords(),
    events: {
      loggedIn: async (session, atMs) =>
        void (await events.note(toHotSession(session), { eventType: ActivityType.LOGIN }, atMs)),
    },
    keys,
    log,
    nowMs,
  })
  const analyst = createJourneyAnalytics({ journeys, sessions, events, recognition })
  const erasers = [createEventEraser(storage), journeyStore.eraseJourney]
  return {
    readDeviceProof: devices.read,
    ...{ keys, isSecure, cookie, nowMs, log, sites, journeys, recognition, fingerprints, observe, tokens },
    ...recognising,
    ...{ graph, sessions, eventLog, events, accounts, analyst, erasers },
    /** To be waited for before anybody is served. */
    prepare: housekeeping.prepare,
    jobs: createJobs([...housekeeping.jobs, ...recognising.learningJobs], { log }),
  }
}

export type Rooms = ReturnType<typeof createRooms>
