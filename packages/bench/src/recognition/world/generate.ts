import type { Browser } from './browser.ts'
import { beginLife, displayOn, type Life, live, sitDown } from './drift.ts'
import { carrierPrefix, homePrefix, otherPrefix } from './network.ts'
import { createPopulation } from './population.ts'
import { mix } from './random.ts'
import { readSignals } from './read-signals.ts'
import type { Day } from './releases.ts'
import { planVisits } from './rhythm.ts'
import type { WorldSettings } from './settings.ts'
import { evidenceOn, openStorage, type Storage } from './storage.ts'
import type { Visit } from './visit.ts'

interface Inhabitant {
  readonly browser: Browser
  readonly life: Life
  readonly storage: Storage
  visits: number
}

/** Every visit of a world in order of time; the same lines for the same settings. */
export function* generateVisits(settings: WorldSettings): Generator<Visit> {
  const drawBrowser = createPopulation(settings)
  const inhabitants: (Inhabitant | undefined)[] = new Array(settings.browsers)
  const { browsers, days } = planVisits(settings)
  for (const [position, day] of days.entries()) {
    const index = browsers[position] ?? 0
    inhabitants[index] ??= settle(drawBrowser(index), settings, day)
    yield visit(inhabitants[index], settings, day)
  }
}

const settle = (browser: Browser, { drift, storage }: WorldSettings, day: Day): Inhabitant => ({
  browser,
  life: beginLife(browser, drift, day),
  storage: openStorage(browser, storage, day),
  visits: 0,
})

function visit(inhabitant: Inhabitant, settings: WorldSettings, day: Day): Visit {
  const { browser, life, storage } = inhabitant
  live(browser, life, day)
  sitDown(browser, life, settings.drift.dockedVisits)
  const isPrivate = storage.isPrivateVisitor && storage.random() < settings.storage.privateVisits
  const { trip } = life
  const session = mix(browser.seed, inhabitant.visits++)
  const { signals, unstable } = readSignals(
    browser,
    {
      day,
      display: displayOn(browser, life),
      timezone: trip?.timezone ?? browser.timezone,
      languages: trip?.languages ?? browser.languages,
      isPrivate,
      session,
    },
    settings.drift,
  )
  return {
    t: new Date(Math.round(day * 86_400_000)).toISOString(),
    browser: browser.id,
    evidence: evidenceOn(storage, day, isPrivate),
    network: networkOf(browser, life, settings),
    signals,
    ...(unstable.length === 0 ? {} : { unstable }),
  }
}

function networkOf(browser: Browser, life: Life, settings: WorldSettings): string {
  if (life.trip !== undefined) return carrierPrefix(life.trip.region, life.random)
  const isElsewhere = life.random() < settings.drift.visitsElsewhere && isPortable(browser)
  return isElsewhere ? otherPrefix(browser, life.random) : homePrefix(browser, life.renewals, settings)
}

const isPortable = ({ device }: Browser) => device.kind !== 'desktop' || device.model.isLaptop
