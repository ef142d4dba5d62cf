import { takeIn } from '@helloagain/recognition/linkage'
import { expect, it } from 'vitest'
import { groupByPerson, profileOf } from './persons.ts'

const DAY_MS = 86_400_000

function candidate(
  visitorId: string,
  { canvas, day, holdsProof = false }: { canvas: string; day: number; holdsProof?: boolean },
) {
  const look = {
    tokens: { canvas },
    ...{ browserFamily: 'firefox', browserMajor: 150, osFamily: 'windows', screenClass: 'laptop' },
    ...{ unstable: [], confidence: 90, contradictions: 0 },
  }
  const whose = { visitorId, atMs: day * DAY_MS, ttlMs: 30 * DAY_MS, isTrusted: true, holdsProof }
  return { profile: takeIn(undefined, look, whose).profile, knownAs: undefined, isListedWhole: true }
}

const OLD = candidate('old', { canvas: 'a', day: 1, holdsProof: true })
const NEW = candidate('new', { canvas: 'b', day: 3 })
const OTHER = candidate('other', { canvas: 'a', day: 2 })
const LINKED = new Map([['new', 'old']])

it('visitors that links hold to be one are one candidate, under the id of the one they are held to be', () => {
  const persons = groupByPerson([NEW, OTHER, OLD], LINKED)
  expect(persons.map(({ visitorId }) => visitorId)).toEqual(['old', 'other'])
  expect(persons.map(({ candidates }) => candidates.length)).toEqual([2, 1])
})

it('a person has the values of all their visitors, was seen as long as any, and holds what one of them holds', () => {
  for (const order of [
    [NEW, OLD],
    [OLD, NEW],
  ]) {
    const [person] = groupByPerson(order, LINKED)
    const profile = person && profileOf(person)
    expect(profile).toMatchObject({
      ...{ visitorId: 'old', observations: 2, holdsProof: true },
      ...{ firstSeenAtMs: DAY_MS, lastSeenAtMs: 3 * DAY_MS },
    })
    expect(profile?.sets.canvas?.map(({ token }) => token).sort()).toEqual(['a', 'b'])
  }
})

it('a value of two visitors is remembered once, with all the time it was seen in', () => {
  const again = candidate('new', { canvas: 'a', day: 5 })
  const [person] = groupByPerson([OLD, again], LINKED)
  expect(person && profileOf(person).sets.canvas).toEqual([
    { token: 'a', firstSeenAtMs: DAY_MS, lastSeenAtMs: 5 * DAY_MS },
  ])
})
