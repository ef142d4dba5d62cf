import { compare } from './compare.ts'
import { DAY_MS, gapBucket } from './gaps.ts'
import { LABELLED_RETURNERS } from './returners.ts'
import { rhythmTally, WHOLE_RETURN } from './rhythm.ts'
import type { Observed, Profile, Tally } from './types.ts'

export interface LessonInput {
  /** Of the visitor before this visit; undefined on its first. */
  readonly profile: Profile | undefined
  readonly observed: Observed
  readonly atMs: number
}

/** What a visit teaches whose visitor key or cookie tells. */
export function lessons({ profile, observed, atMs }: LessonInput): Map<string, Tally> {
  const learned = new Map<string, Tally>()
  learned.set(LABELLED_RETURNERS, { hits: profile === undefined ? 0 : 1000, total: 1000 })
  if (profile === undefined) return learned
  const bucket = gapBucket((atMs - profile.lastSeenAtMs) / DAY_MS)
  const { known, changed } = compare(observed, profile)
  for (const signal of known) learned.set(`kept|${signal}|${bucket}`, { hits: 1, total: 1 })
  for (const signal of changed) learned.set(`kept|${signal}|${bucket}`, { hits: 0, total: 1 })
  learned.set(rhythmTally(bucket), { hits: WHOLE_RETURN, total: WHOLE_RETURN })
  return learned
}
