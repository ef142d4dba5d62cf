import { expect, it } from 'vitest'
import { openStorage } from '../../../../server/src/open-storage.ts'
import { gatherCrowd } from './crowd.ts'

const PEOPLE = 30

it('the crowd can be recognised, and comes back as people do: mostly by cookie, some without', async () => {
  const crowd = await gatherCrowd(PEOPLE)
  const storage = await openStorage(await crowd.copy(), '')
  try {
    const profiles = await storage.db.select().from(storage.tables.visitorProfiles)
    expect(profiles.length).toBeGreaterThan(PEOPLE / 2)
    const visitors = await storage.db.select().from(storage.tables.visitors)
    expect(visitors.length).toBeGreaterThan(PEOPLE)
    const returning = visitors.filter(({ visitCount }) => visitCount > 2)
    expect(returning.length).toBeGreaterThan(PEOPLE / 3)
  } finally {
    await storage.close()
    await crowd.close()
  }
})
