import { expect, it } from 'vitest'
import { openStorage } from '../../../../server/src/open-storage.ts'
import { gatherCrowd } from './crowd.ts'

const PEOPLE = 30

it('everybody in the crowd can be recognised, and every third has come back', async () => {
  const crowd = await gatherCrowd(PEOPLE)
  const storage = await openStorage(await crowd.copy(), '')
  try {
    const profiles = await storage.db.select().from(storage.tables.visitorProfiles)
    expect(profiles).toHaveLength(PEOPLE)
    const visitors = await storage.db.select().from(storage.tables.visitors)
    expect(visitors).toHaveLength(PEOPLE)
    expect(visitors.filter(({ visitCount }) => visitCount === 2)).toHaveLength(PEOPLE / 3)
  } finally {
    await storage.close()
    await crowd.close()
  }
})
