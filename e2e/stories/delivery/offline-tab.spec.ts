import { expect, sessionOpened, test } from '../support/shop.ts'
import { storedNumbers, trackBurst, upTo } from '../support/tracking.ts'

test('events of a tab that was closed offline arrive when the person comes back', async ({
  shop,
  person,
}) => {
  const page = await person.open()
  await sessionOpened(page, () => page.goto('/'))
  await person.context().setOffline(true)
  await trackBurst(page, 0, 20)
  await page.close()
  await person.closeBrowser()
  expect(await storedNumbers(shop)).toEqual([])

  const later = await person.open()
  await later.goto('/')
  await expect.poll(() => storedNumbers(shop)).toEqual(upTo(20))
  const [visitor, ...others] = await shop.rows('visitors')
  expect(others).toEqual([])
  expect(new Set((await shop.rows('eventLogs')).map(({ visitorId }) => visitorId))).toEqual(
    new Set([visitor?.id]),
  )
})

test('events tracked just before the tab is closed are there without a return', async ({ shop, person }) => {
  const stays = await person.open()
  const page = await person.open()
  await sessionOpened(page, () => page.goto('/'))
  await trackBurst(page, 0, 20)
  await page.close({ runBeforeUnload: true })
  await expect.poll(() => storedNumbers(shop)).toEqual(upTo(20))
  await stays.close()
})
