import type { SignalName } from '../signals.ts'
import { compare } from './compare.ts'
import { DAY_MS } from './gaps.ts'
import { planLookup } from './plan-lookup.ts'
import { keepSince, remember } from './remember.ts'
import type { Observed, Profile, Remembered, SetName, TakenIn } from './types.ts'

/** Values kept per signal: laptops flip between two or three docks, travellers between homes. */
const MAX_VALUES = 6
/** Count keys kept per visitor, about three looks. */
const MAX_COMPOSITES = 60
/** New values a UTC day that are taken where nothing but the fingerprint says who it is: an update brings four. */
const MAX_UNTRUSTED_NOVELTIES = 5

export interface TakeInOptions {
  readonly visitorId: string
  readonly atMs: number
  /** Values not seen for so long are forgotten. */
  readonly ttlMs: number
  readonly holdsProof: boolean
  /** Key, cookie or log-in says who it is; false: nothing but the fingerprint itself. */
  readonly isTrusted: boolean
}

type Sets = Partial<Record<SetName, readonly Remembered[]>>

/**
 * Adds an observation to what is remembered of a visitor; undefined: nothing is yet. Where nothing but the
 * fingerprint says who it is, an observation that contradicts itself or brings too many new values is counted as a
 * visit and teaches nothing: a forged fingerprint must not turn somebody's profile into the forger's.
 */
export function takeIn(profile: Profile | undefined, observed: Observed, options: TakeInOptions): TakenIn {
  const { atMs, ttlMs } = options
  const day = Math.floor(atMs / DAY_MS)
  const spent = profile?.noveltyDay === day ? profile.noveltyCount : 0
  const found = profile === undefined ? 0 : compare(observed, profile).changed.length
  const isRefused = profile !== undefined && !options.isTrusted && isSuspect(observed, { found, spent })
  const { blocks, counts } = planLookup(observed)
  const sets = dropBefore(profile, atMs - ttlMs)
  if (!isRefused) learn(sets, observed, { counts, atMs })
  const held = (profile?.sets.composites ?? []).map(({ token }) => token)
  const holds = (sets.composites ?? []).map(({ token }) => token)
  const source = profile !== undefined && isRefused ? profile : observed
  const visits = visitsAfter(profile, atMs)
  return {
    profile: {
      visitorId: options.visitorId,
      sets,
      browserFamily: source.browserFamily,
      osFamily: source.osFamily,
      screenClass: source.screenClass,
      browserMajor: later(profile?.browserMajor ?? null, source.browserMajor),
      ...visits,
      holdsProof: options.holdsProof,
      noveltyDay: day,
      noveltyCount: spent + (isRefused ? 0 : found),
    },
    novelties: isRefused ? 0 : found,
    gained: holds.filter((key) => !held.includes(key)),
    lost: held.filter((key) => !holds.includes(key)),
    blocks: isRefused ? [] : blocks,
  }
}

const isSuspect = (observed: Observed, { found, spent }: { found: number; spent: number }) =>
  observed.contradictions > 0 || (found > 0 && found + spent > MAX_UNTRUSTED_NOVELTIES)

function dropBefore(profile: Profile | undefined, oldestMs: number): Sets {
  const sets: Sets = {}
  if (profile === undefined) return sets
  for (const name of Object.keys(profile.sets) as SetName[]) {
    const kept = keepSince(profile.sets[name] ?? [], oldestMs)
    if (kept.length > 0) sets[name] = kept
  }
  return sets
}

function learn(
  sets: Sets,
  { tokens }: Observed,
  { counts, atMs }: { counts: readonly string[]; atMs: number },
): void {
  for (const name of Object.keys(tokens) as SignalName[]) {
    const token = tokens[name]
    if (token !== undefined) sets[name] = remember(sets[name] ?? [], token, { atMs, most: MAX_VALUES })
  }
  for (const key of counts) {
    sets.composites = remember(sets.composites ?? [], key, { atMs, most: MAX_COMPOSITES })
  }
}

const visitsAfter = (profile: Profile | undefined, atMs: number) => ({
  observations: (profile?.observations ?? 0) + 1,
  firstSeenAtMs: Math.min(profile?.firstSeenAtMs ?? atMs, atMs),
  lastSeenAtMs: Math.max(profile?.lastSeenAtMs ?? atMs, atMs),
})

/** Browsers are never downgraded: what is remembered only ever rises. */
const later = (left: number | null, right: number | null) =>
  left === null || right === null ? (left ?? right) : Math.max(left, right)
