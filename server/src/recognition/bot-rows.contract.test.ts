import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { onEveryEngine } from '../platform/storage/on-every-engine.ts'
import { createBotStore, isPerson } from './bot-rows.ts'
import { createRecognitionStore } from './store.ts'

onEveryEngine('flags of programs', (storage) => {
  const siteId = randomUUID()

  async function arrive() {
    const id = randomUUID()
    const times = { firstSeenAtMs: 1, lastSeenAtMs: 1, visitCount: 1 }
    await createRecognitionStore(storage()).insertVisitor({
      id,
      siteId,
      ...times,
      userId: null,
      botReasons: null,
    })
    return id
  }

  it('keeps the latest reasons, on its own site only', async () => {
    const store = createBotStore(storage())
    const id = await arrive()
    expect(await store.isFlagged(siteId, id)).toBe(false)
    expect(await store.flagBot(randomUUID(), id, ['webdriver'])).toBe(false)
    expect(await store.isFlagged(siteId, id)).toBe(false)
    expect(await store.flagBot(siteId, id, ['webdriver'])).toBe(true)
    expect(await store.flagBot(siteId, id, ['webdriver', 'headless_browser'])).toBe(true)
    expect(await store.isFlagged(siteId, id)).toBe(true)
    expect((await createRecognitionStore(storage()).findVisitor(siteId, id))?.botReasons).toEqual([
      'webdriver',
      'headless_browser',
    ])
  })

  it('never flags again whom somebody called a person', async () => {
    const store = createBotStore(storage())
    const id = await arrive()
    await store.flagBot(siteId, id, ['webdriver'])
    expect(await store.pardon(siteId, id)).toBe(true)
    expect(await store.flagBot(siteId, id, ['webdriver'])).toBe(false)
    expect(await store.isFlagged(siteId, id)).toBe(false)
    expect(await store.pardon(randomUUID(), id)).toBe(false)
  })

  it('tells people from programs in one condition', async () => {
    const { db, tables } = storage()
    const store = createBotStore(storage())
    const [person, program, pardoned] = [await arrive(), await arrive(), await arrive()]
    await store.flagBot(siteId, program, ['webdriver'])
    await store.pardon(siteId, pardoned)
    const rows = await db
      .select({ id: tables.visitors.id })
      .from(tables.visitors)
      .where(isPerson(tables.visitors))
    const ids = rows.map(({ id }) => id)
    expect(ids).toEqual(expect.arrayContaining([person, pardoned]))
    expect(ids).not.toContain(program)
  })
})
