import { expect, sessionOpened, test } from '../support/shop.ts'
import { storedNumbers, trackBurst, upTo } from '../support/tracking.ts'

const EACH = 200

test('two tabs racing deliver every event of both once, under one session', async ({ shop, person }) => {
  const [one, two] = [await person.open(), await person.open()]
  await sessionOpened(one, () => one.goto('/'))
  await two.goto('/')
  await Promise.all(
    upTo(10).flatMap((burst) => {
      const from = burst * (EACH / 10)
      return [trackBurst(one, from, from + EACH / 10), trackBurst(two, EACH + from, EACH + from + EACH / 10)]
    }),
  )
  await expect.poll(() => storedNumbers(shop)).toEqual(upTo(2 * EACH))
  expect(await shop.rows('userSessions')).toHaveLength(1)
  // Tabs in processes of their own see each other's numbers a moment late, so only a tab's own order is certain.
  const told = (await shop.rows('eventLogs')).filter(({ eventType }) => eventType === 'STORY_TOLD')
  for (const isOfTab of [(n: number) => n < EACH, (n: number) => n >= EACH]) {
    const ofTab = told
      .map(({ payload, seq }) => ({ n: payload?.n ?? -1, seq: seq ?? -1 }))
      .filter(({ n }) => isOfTab(n))
      .sort((a, b) => a.n - b.n)
    expect(ofTab.every(({ seq }, index) => index === 0 || seq > (ofTab[index - 1]?.seq ?? -1))).toBe(true)
  }
})

test('events of a tab that crashed are delivered once by the other tab', async ({ shop, person }) => {
  const [one, two] = [await person.open(), await person.open()]
  await sessionOpened(one, () => one.goto('/'))
  await sessionOpened(two, () => two.goto('/'))
  await shop.stopServer()
  await trackBurst(two, 0, 20)
  const crashed = two.waitForEvent('crash')
  // The renderer dies without a word: no pagehide, no beacon. The call has no answer.
  void two.goto('chrome://crash').catch(() => undefined)
  await crashed
  await shop.startServer()
  await trackBurst(one, 20, 21)
  await expect.poll(() => storedNumbers(shop), { timeout: 40_000 }).toEqual(upTo(21))
})
