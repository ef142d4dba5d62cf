import type { Page } from '@playwright/test'
import { expect, sessionOpened, test } from '../support/shop.ts'
import { readStats, storedNumbers, trackBurst, upTo } from '../support/tracking.ts'

/** Leaves not one more character to `localStorage`. */
const fillLocalStorage = (page: Page): Promise<boolean> =>
  page.evaluate(() => {
    for (let size = 2 ** 22; size >= 1; size /= 2) {
      try {
        for (let i = 0; ; i += 1) localStorage.setItem(`fill_${size}_${i}`, 'x'.repeat(size))
      } catch {
        // Full at this size; a smaller piece may still fit.
      }
    }
    try {
      localStorage.setItem('one_more', 'x')
      return false
    } catch {
      return true
    }
  })

test('with localStorage full nothing is thrown and every event arrives once', async ({ shop, person }) => {
  const page = await person.open()
  await sessionOpened(page, () => page.goto('/'))
  expect(await fillLocalStorage(page)).toBe(true)
  expect(await trackBurst(page, 0, 100)).toBe(0)
  await expect.poll(() => storedNumbers(shop)).toEqual(upTo(100))
  expect((await readStats(page)).dropped).toEqual({})
})

test('with every storage full and the server down nothing is thrown and each drop is counted', async ({
  shop,
  person,
}) => {
  test.setTimeout(120_000)
  const page = await person.open()
  await sessionOpened(page, () => page.goto('/'))
  expect(await fillLocalStorage(page)).toBe(true)
  const devtools = await person.context().newCDPSession(page)
  await devtools.send('Storage.overrideQuotaForOrigin', { origin: shop.url, quotaSize: 0 })
  await shop.stopServer()
  const tracked = 25_000
  for (let from = 0; from < tracked; from += 1000) {
    expect(await trackBurst(page, from, from + 1000)).toBe(0)
  }
  await shop.startServer()
  // What was in the queue beside the story's own events.
  await expect.poll(async () => (await readStats(page)).waiting, { timeout: 90_000 }).toBe(0)
  const stored = await storedNumbers(shop)
  const { queue_full: dropped = 0, ...otherwise } = (await readStats(page)).dropped
  expect(otherwise).toEqual({})
  expect(dropped).toBeGreaterThan(0)
  expect(new Set(stored).size).toBe(stored.length)
  // The oldest go first, and the page's own events are among the oldest.
  expect(tracked - stored.length).toBeLessThanOrEqual(dropped)
  expect(dropped - (tracked - stored.length)).toBeLessThan(20)
  expect(stored.at(-1)).toBe(tracked - 1)
})
