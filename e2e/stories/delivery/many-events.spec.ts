import { expect, sessionOpened, test } from '../support/shop.ts'
import { readStats, storedNumbers, trackBurst, upTo } from '../support/tracking.ts'

const EVENTS = 10_000
const BURST = 500

test('ten thousand events typed in bursts are all kept, none twice, none dropped', async ({
  shop,
  person,
}) => {
  test.setTimeout(120_000)
  const page = await person.open()
  await sessionOpened(page, () => page.goto('/'))
  for (let from = 0; from < EVENTS; from += BURST) {
    expect(await trackBurst(page, from, from + BURST)).toBe(0)
  }
  await expect.poll(() => storedNumbers(shop), { timeout: 90_000 }).toEqual(upTo(EVENTS))
  expect((await readStats(page)).dropped).toEqual({})
})
