import { timingSafeEqual } from 'node:crypto'
import { UserJourneyStage, UserType } from '@helloagain/protocol'
import { z } from 'zod'
import type { JourneyBook, JourneyState } from '../journey/ports.ts'
import type { ServerKeys } from '../platform/crypto/server-keys.ts'
import { Problem } from '../platform/http/problem.ts'
import type { UsersAdapter } from './ports.ts'

/** The key of document 000 in the preferences. */
export const JOURNEY_KEY = 'ums_journey'

const transitionSchema = z.object({
  from_type: z.enum(UserType).nullable(),
  to_type: z.enum(UserType),
  from_stage: z.enum(UserJourneyStage).nullable(),
  to_stage: z.enum(UserJourneyStage),
  changed_at: z.iso.datetime(),
})

/** Document 000's shape, and what makes it safe to keep in a field that others write too. */
const storedSchema = z.object({
  user_type: z.enum(UserType),
  journey_stage: z.enum(UserJourneyStage),
  progression_history: z.array(transitionSchema).max(16),
  first_visit_at: z.iso.datetime(),
  version: z.int().positive(),
  signature: z.string().max(64),
})

type Stored = z.output<typeof storedSchema>

export interface PreferencesBookParts {
  readonly users: Pick<UsersAdapter, 'readPreferences' | 'writePreferences'>
  readonly keys: Pick<ServerKeys, 'mac'>
  /** Told when a journey is found that this server did not sign for this user. */
  readonly onRefused?: () => void
}

/**
 * Keeps journeys in the preferences of somebody else's users (SECURITY.md W11).
 *
 * Each is signed together with the site and the id of its user. One that was edited, copied from another user or
 * signed with another secret counts as none: it is never read, and the next step writes a new one over it, begun at
 * that moment. (An old journey of the same user, put back from a copy, cannot be told from the current one; it says
 * less of the person, never more.) Every write is a compare-and-swap on the whole field, so that what the
 * application writes to other keys at the same time is never lost.
 */
export function createPreferencesBook({ users, keys, onRefused }: PreferencesBookParts): JourneyBook {
  const sign = (siteId: string, subjectId: string, journey: Omit<Stored, 'signature'>) =>
    // An array has one spelling; an object read back from their database may have its keys in any order.
    keys.mac(
      'alongside-journey',
      JSON.stringify([
        siteId,
        subjectId,
        journey.version,
        journey.user_type,
        journey.journey_stage,
        journey.first_visit_at,
        journey.progression_history.map((step) => [
          step.from_type,
          step.to_type,
          step.from_stage,
          step.to_stage,
          step.changed_at,
        ]),
      ]),
    )

  function isGenuine(siteId: string, subjectId: string, stored: Stored): boolean {
    const claimed = Buffer.from(stored.signature, 'base64url')
    const expected = sign(siteId, subjectId, stored)
    return claimed.length === expected.length && timingSafeEqual(claimed, expected)
  }

  function read(siteId: string, subjectId: string, value: Readonly<Record<string, unknown>>) {
    if (value[JOURNEY_KEY] === undefined) return undefined
    const parsed = storedSchema.safeParse(value[JOURNEY_KEY])
    if (parsed.success && isGenuine(siteId, subjectId, parsed.data))
      return toState(siteId, subjectId, parsed.data)
    onRefused?.()
    return undefined
  }

  return {
    async find(siteId, subjectId) {
      const preferences = await users.readPreferences(subjectId)
      return preferences && read(siteId, subjectId, preferences.value)
    },
    async save(next, expectedVersion) {
      const { siteId, subjectId } = next
      const preferences = await users.readPreferences(subjectId)
      if (!preferences) throw new Problem('ums.not_found')
      const current = read(siteId, subjectId, preferences.value)
      if ((current?.version ?? null) !== expectedVersion) return false
      const journey = toStored(next)
      const signature = sign(siteId, subjectId, journey).toString('base64url')
      const changed = { ...preferences.value, [JOURNEY_KEY]: { ...journey, signature } }
      return users.writePreferences(subjectId, changed, preferences.version)
    },
  }
}

const toState = (siteId: string, subjectId: string, stored: Stored): JourneyState => ({
  siteId,
  subjectId,
  userType: stored.user_type,
  journeyStage: stored.journey_stage,
  firstVisitAtMs: Date.parse(stored.first_visit_at),
  version: stored.version,
  history: stored.progression_history,
})

const toStored = ({ userType, journeyStage, history, firstVisitAtMs, version }: JourneyState) => ({
  user_type: userType,
  journey_stage: journeyStage,
  progression_history: [...history],
  first_visit_at: new Date(firstVisitAtMs).toISOString(),
  version,
})
