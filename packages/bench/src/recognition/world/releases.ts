import { unitOf } from './random.ts'

/** Days since 1970. */
export type Day = number

const DAY_MS = 86_400_000
export const dayOf = (iso: string): Day => Date.parse(iso) / DAY_MS

/** A row of numbered releases: `number` came out on `day`, and another every so many days before and after. */
export interface ReleaseRow {
  readonly number: number
  readonly day: Day
  readonly everyDays: number
  /** Gap between the releases before `day`, where it was another. */
  readonly formerlyEveryDays?: number
}

/** How one browser or machine takes updates. */
export interface UpdateHabit {
  readonly seed: number
  /** Mean days until an update is taken. */
  readonly lagDays: number
  /** It stopped taking them on this day. */
  readonly stoppedOn?: Day
}

const releasedOn = (row: ReleaseRow, number: number): Day => {
  const later = number - row.number
  return row.day + later * (later >= 0 ? row.everyDays : (row.formerlyEveryDays ?? row.everyDays))
}

/** The release this one runs on a day; never lower on a later day. */
export function releaseAt(row: ReleaseRow, habit: UpdateHabit, today: Day): number {
  const day = Math.min(today, habit.stoppedOn ?? today)
  const every = day >= row.day ? row.everyDays : (row.formerlyEveryDays ?? row.everyDays)
  const newest = row.number + Math.floor((day - row.day) / every)
  // Ten releases late is as late as anyone who updates at all gets.
  for (let number = newest; number > newest - 10; number--) {
    const lag = -habit.lagDays * Math.log(1 - unitOf(habit.seed, number))
    if (releasedOn(row, number) + lag <= day) return number
  }
  return newest - 10
}

// Chrome 153 opened the two-week cycle on 8 September 2026; it was four weeks before.
export const chromeRow = (everyDays: number): ReleaseRow => ({
  number: 153,
  day: dayOf('2026-09-08T00:00:00Z'),
  everyDays,
  formerlyEveryDays: 28,
})
export const firefoxRow = (everyDays: number): ReleaseRow => ({
  number: 153,
  day: dayOf('2026-09-01T00:00:00Z'),
  everyDays,
  formerlyEveryDays: 28,
})

/** Systems are numbered through: release 0 came out in September 2025. */
export const osRow = (perYear: number): ReleaseRow => ({
  number: 0,
  day: dayOf('2025-09-15T00:00:00Z'),
  everyDays: 365 / perYear,
})

/** `26.1` of an Apple system: a new major each September, points in between. */
export function appleVersion(release: number, perYear: number): { major: number; minor: number } {
  const year = Math.floor(release / perYear)
  return { major: Math.max(18, 26 + year - (year < 0 ? 7 : 0)), minor: release - year * perYear }
}
