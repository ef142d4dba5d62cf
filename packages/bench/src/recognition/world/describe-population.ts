import { attributesOf } from './attributes.ts'
import type { Browser } from './browser.ts'
import { createPopulation } from './population.ts'
import { readSignals } from './read-signals.ts'
import { dayOf } from './releases.ts'
import type { WorldSettings } from './settings.ts'
import { describe, type Member, type Statistics } from './statistics.ts'
import type { RawSignals } from './visit.ts'

/** So many browsers of a world's kind of people, as each is on the world's first day. */
export function* drawSignals(world: WorldSettings, browsers: number): Generator<[Browser, RawSignals]> {
  const drawBrowser = createPopulation({ ...world, browsers })
  const day = dayOf(world.startsAt)
  for (let index = 0; index < browsers; index++) {
    const browser = drawBrowser(index)
    const { display, timezone, languages, seed: session } = browser
    const moment = { day, display, timezone, languages, isPrivate: false, session }
    yield [browser, readSignals(browser, moment, world.drift).signals]
  }
}

/** The statistics of a world's population at a size studies were made at. */
export function describePopulation(world: WorldSettings, browsers = 300_000): Statistics {
  const members = function* (): Generator<Member> {
    for (const [{ device }, signals] of drawSignals(world, browsers)) {
      const group = device.kind === 'desktop' ? 'desktop' : 'mobile'
      yield {
        groups: device.kind === 'desktop' ? [group, device.model.os] : [group, device.kind],
        attributes: attributesOf(signals),
      }
    }
  }
  return describe(members())
}
