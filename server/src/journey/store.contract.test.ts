import { describe, expect, it } from 'vitest'
import { newId } from '../platform/ids.ts'
import { onEveryEngine } from '../platform/storage/on-every-engine.ts'
import { beginJourney, planStep } from './policy.ts'
import type { JourneyBook, JourneyMove } from './ports.ts'
import { createJourneys } from './service.ts'
import { createJourneyStore } from './store.ts'

const NOW_MS = Date.parse('2026-03-01T12:00:00.000Z')
const SITE = 'site'

async function take(book: JourneyBook, move: JourneyMove): Promise<boolean> {
  const step = planStep(await book.find(move.siteId, move.subjectId), move)
  return step ? book.save(step.next, step.expectedVersion, step.transition) : false
}

onEveryEngine('journey store', (storage) => {
  const open = () => createJourneyStore(storage())
  const move = (subjectId: string, target: JourneyMove['target'], atMs = NOW_MS): JourneyMove => ({
    siteId: SITE,
    subjectId,
    target,
    atMs,
  })

  it('finds nothing for an id it never saw, nor under another site', async () => {
    const book = open()
    const id = newId()
    expect(await book.find(SITE, id)).toBeUndefined()
    await book.save(beginJourney(SITE, id, NOW_MS), null, null)
    expect(await book.find('other', id)).toBeUndefined()
  })

  it('keeps a journey with its steps, oldest first', async () => {
    const book = open()
    const id = newId()
    await take(book, move(id, {}))
    await take(book, move(id, { newType: 'returning' }, NOW_MS + 1000))
    await take(book, move(id, { newType: 'registered' }, NOW_MS + 2000))
    expect(await book.find(SITE, id)).toEqual({
      siteId: SITE,
      subjectId: id,
      userType: 'registered',
      journeyStage: 'converted',
      firstVisitAtMs: NOW_MS,
      version: 3,
      history: [
        expect.objectContaining({
          from_type: 'anonymous',
          to_type: 'returning',
          changed_at: '2026-03-01T12:00:01.000Z',
        }),
        expect.objectContaining({
          from_type: 'returning',
          to_type: 'registered',
          changed_at: '2026-03-01T12:00:02.000Z',
        }),
      ],
    })
  })

  it('writes only over the version that was read, and then leaves no step behind', async () => {
    const book = open()
    const id = newId()
    await take(book, move(id, {}))
    const stale = planStep(await book.find(SITE, id), move(id, { newStage: 'engaged' }))
    await take(book, move(id, { newType: 'registered' }))
    expect(stale && (await book.save(stale.next, stale.expectedVersion, stale.transition))).toBe(false)
    expect(await book.save(beginJourney(SITE, id, NOW_MS), null, null)).toBe(false)
    expect(await book.find(SITE, id)).toMatchObject({
      userType: 'registered',
      history: [{ to_type: 'registered' }],
    })
  })

  it('loses nothing between racers: one beginning, each step once', async () => {
    const journeys = createJourneys({ book: open() })
    const id = newId()
    const racers = Array.from({ length: 12 }, (_, index) =>
      index % 3 === 0
        ? journeys.begin(SITE, id, NOW_MS)
        : index % 3 === 1
          ? journeys.promoteToReturning(SITE, id, NOW_MS + 1)
          : journeys.promoteToRegistered(SITE, id, NOW_MS + 2),
    )
    await Promise.all(racers)
    const state = await journeys.find(SITE, id)
    expect(state).toMatchObject({ userType: 'registered', journeyStage: 'converted' })
    const steps = state?.history.map(({ from_type, to_type }) => `${from_type}>${to_type}`) ?? []
    expect(new Set(steps).size).toBe(steps.length)
    expect(steps.at(-1)).toMatch(/>registered$/)
  })

  it('leaves nothing of an erased person, and everybody else alone', async () => {
    const book = open()
    const [gone, other] = [newId(), newId()]
    for (const id of [gone, other]) await take(book, move(id, { newType: 'returning' }))
    await book.eraseJourney(SITE, gone)
    expect(await book.find(SITE, gone)).toBeUndefined()
    const { journeyTransitions } = storage().tables
    const left = await storage().db.select({ id: journeyTransitions.subjectId }).from(journeyTransitions)
    expect(left).not.toContainEqual({ id: gone })
    expect(left).toContainEqual({ id: other })
  })
})

describe('journeys', () => {
  it('answers server.busy where others are always faster', async () => {
    const book: JourneyBook = { find: async () => undefined, save: async () => false }
    await expect(createJourneys({ book }).begin(SITE, 'somebody', NOW_MS)).rejects.toMatchObject({
      code: 'server.busy',
    })
  })
})
