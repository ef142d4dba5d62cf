import type { Profile, Remembered, SetName } from '@helloagain/recognition/linkage'
import type { Candidate } from './recogniser-ports.ts'

/** Candidates that links hold to be one person. */
export interface Person {
  readonly visitorId: string
  readonly candidates: readonly [Candidate, ...Candidate[]]
}

/**
 * Groups candidates by person, in the order in which each first comes; a person goes by its oldest visitor's id.
 *
 * @param knownAs by visitor, the one that links hold it to be
 */
export function groupByPerson(
  candidates: readonly Candidate[],
  knownAs: ReadonlyMap<string, string>,
): Person[] {
  const persons = new Map<string, [Candidate, ...Candidate[]]>()
  for (const candidate of candidates) {
    const { visitorId: own } = candidate.profile
    const visitorId = knownAs.get(own) ?? own
    const person = persons.get(visitorId)
    if (person) person.push(candidate)
    else persons.set(visitorId, [candidate])
  }
  return [...persons].map(([visitorId, group]) => ({ visitorId, candidates: group }))
}

/** What is remembered of a person's browsers, as of one: the profile last seen, with the values of all. */
export function profileOf({ visitorId, candidates }: Person): Profile {
  const [first, ...others] = candidates.map(({ profile }) => profile)
  // A person has a candidate at least.
  if (first === undefined) throw new TypeError('a person without a browser')
  if (others.length === 0) return { ...first, visitorId }
  return { ...others.reduce(join, first), visitorId }
}

function join(left: Profile, right: Profile): Profile {
  const latest = left.lastSeenAtMs >= right.lastSeenAtMs ? left : right
  const names = Object.keys({ ...left.sets, ...right.sets }) as SetName[]
  const sets = names.map((name) => [name, joinSets(left.sets[name], right.sets[name])])
  return {
    ...latest,
    sets: Object.fromEntries(sets),
    observations: left.observations + right.observations,
    firstSeenAtMs: Math.min(left.firstSeenAtMs, right.firstSeenAtMs),
    holdsProof: left.holdsProof || right.holdsProof,
  }
}

/** Each token once, with all the time it was seen in. */
function joinSets(left: readonly Remembered[] = [], right: readonly Remembered[] = []): Remembered[] {
  const joined = new Map(left.map((remembered) => [remembered.token, remembered]))
  for (const remembered of right) {
    const other = joined.get(remembered.token) ?? remembered
    joined.set(remembered.token, {
      token: remembered.token,
      firstSeenAtMs: Math.min(other.firstSeenAtMs, remembered.firstSeenAtMs),
      lastSeenAtMs: Math.max(other.lastSeenAtMs, remembered.lastSeenAtMs),
    })
  }
  return [...joined.values()]
}
