// Cookie, key and device id of one browser: given on a visit, and lost.
import type { Browser } from './browser.ts'
import { createRandom, exponential, mix, personal, type Random } from './random.ts'
import type { Day } from './releases.ts'
import type { StorageSettings } from './settings.ts'
import type { Evidence } from './visit.ts'

const CAP_DAYS = 7

export interface Storage {
  readonly random: Random
  readonly evidence: Evidence
  readonly clearsAlways: boolean
  readonly isPrivateVisitor: boolean
  readonly refusesKey: boolean
  /** Safari: what scripts store is deleted after seven days without a visit. */
  readonly isCapped: boolean
  /** Days between clearings, for this person. */
  readonly clearingGap: number
  nextClearing: Day
  lastVisit: Day
}

export function openStorage(browser: Browser, settings: StorageSettings, day: Day): Storage {
  const random = createRandom(browser.seed, 0x570e)
  const clearingGap = 365 / (settings.clearingsPerYear * personal(1, random))
  return {
    random,
    evidence: { deviceKey: null, cookie: null, deviceId: null },
    clearsAlways: random() < settings.clearsAlways,
    isPrivateVisitor: random() < settings.privateVisitors,
    refusesKey: random() < settings.refusesKey,
    isCapped: settings.isCapped && isWebkit(browser),
    clearingGap,
    nextClearing: day + exponential(clearingGap, random),
    lastVisit: day,
  }
}

const isWebkit = ({ name, device }: Browser) =>
  name === 'safari' || device.kind === 'iphone' || device.kind === 'ipad'

/** What the browser holds on a visit; what it lacked, it is given. */
export function evidenceOn(storage: Storage, today: Day, isPrivate: boolean): Evidence {
  // A private window begins with nothing and takes it all along.
  if (isPrivate) return give(storage, { deviceKey: null, cookie: null, deviceId: null })
  const isCleared = storage.clearsAlways || storage.nextClearing <= today
  while (storage.nextClearing <= today)
    storage.nextClearing += exponential(storage.clearingGap, storage.random)
  const { evidence } = storage
  if (isCleared) evidence.cookie = null
  if (isCleared || (storage.isCapped && today - storage.lastVisit > CAP_DAYS)) {
    evidence.deviceKey = null
    evidence.deviceId = null
  }
  storage.lastVisit = today
  return { ...give(storage, evidence) }
}

function give({ random, refusesKey }: Storage, evidence: Evidence): Evidence {
  if (!refusesKey) evidence.deviceKey ??= `k${hex(random)}`
  evidence.cookie ??= `c${hex(random)}`
  evidence.deviceId ??= `d${hex(random)}`
  return evidence
}

/** 96 bits. */
const hex = (random: Random): string =>
  [0, 1, 2]
    .map((part) =>
      mix(random() * 0x1_0000_0000, part)
        .toString(16)
        .padStart(8, '0'),
    )
    .join('')
