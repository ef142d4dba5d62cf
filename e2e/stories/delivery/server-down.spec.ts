import { expect, sessionOpened, test } from '../support/shop.ts'
import { storedNumbers, trackBurst, upTo } from '../support/tracking.ts'

/** Longer than several tries of the queue. */
const DOWN_SECONDS = 30

test('a server that is down for thirty seconds costs no event, and none is stored twice', async ({
  shop,
  person,
}) => {
  test.setTimeout(150_000)
  const page = await person.open()
  await sessionOpened(page, () => page.goto('/'))
  await trackBurst(page, 0, 5)
  await expect.poll(() => storedNumbers(shop)).toEqual(upTo(5))

  await shop.stopServer()
  for (let second = 0; second < DOWN_SECONDS; second += 1) {
    await trackBurst(page, 5 + second, 6 + second)
    // The pace of the story, not a wait for anything.
    await page.waitForTimeout(1000)
  }
  await shop.startServer()
  await expect.poll(() => storedNumbers(shop), { timeout: 90_000 }).toEqual(upTo(5 + DOWN_SECONDS))
})

test('a page opened while the server is down delivers once it is back', async ({ shop, person }) => {
  const first = await person.open()
  await sessionOpened(first, () => first.goto('/'))
  await first.close()
  const page = await person.open()
  // The shop serves the script from the server: this page has it from before.
  await sessionOpened(page, () => page.goto('/'))
  await shop.stopServer()
  await trackBurst(page, 0, 20)
  await shop.startServer()
  await expect.poll(() => storedNumbers(shop), { timeout: 40_000 }).toEqual(upTo(20))
})
