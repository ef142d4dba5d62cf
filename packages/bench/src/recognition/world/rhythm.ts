import { createRandom, exponential, mix, personal } from './random.ts'
import { type Day, dayOf } from './releases.ts'
import type { WorldSettings } from './settings.ts'

/** All visits of a world in order of time: whose, and when. */
export interface Timetable {
  readonly browsers: Uint32Array
  readonly days: Float64Array
}

export function planVisits(settings: WorldSettings): Timetable {
  const visits: [browser: number, day: Day][] = []
  for (let browser = 0; browser < settings.browsers; browser++) {
    for (const day of visitsOf(settings, browser)) visits.push([browser, day])
  }
  visits.sort(([leftBrowser, left], [rightBrowser, right]) => left - right || leftBrowser - rightBrowser)
  return {
    browsers: Uint32Array.from(visits, ([browser]) => browser),
    days: Float64Array.from(visits, ([, day]) => day),
  }
}

/** At least one visit of everybody. */
function* visitsOf(
  { seed, startsAt, days, rhythm, stayers }: WorldSettings,
  browser: number,
): Generator<Day> {
  const random = createRandom(mix(seed, 0xc10c), browser)
  const start = dayOf(startsAt)
  const isStayer = random() < stayers
  const mean = 'everyDays' in rhythm ? rhythm.everyDays : rhythm.meanGapDays * personal(0.8, random)
  const gap = () => ('everyDays' in rhythm ? mean : exponential(mean, random))
  let day = start + (isStayer ? random() * Math.min(days, mean) : random() * days * 0.9)
  const end = isStayer ? start + days : Math.min(start + days, day + exponential(days / 2, random))
  do {
    yield day
    day += gap()
  } while (day < end)
}
