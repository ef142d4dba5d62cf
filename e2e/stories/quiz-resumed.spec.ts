import { expect, test } from './support/shop.ts'

test('a quiz left half done goes on the next day where it stopped', async ({ shop, person }) => {
  const page = await person.open()
  await page.goto('/quiz')
  const saved = () =>
    page.waitForResponse(
      (response) => response.url().includes('/progress/plant-quiz') && response.request().method() === 'PUT',
    )
  for (const answer of ['Half shade', 'Monthly']) {
    const done = saved()
    await page.click(`#answers button:has-text("${answer}")`)
    expect((await done).status()).toBe(200)
  }
  await person.closeBrowser()
  shop.sleepDays(1)

  const again = await person.open()
  await again.goto('/quiz')
  await expect(again.locator('#resumed')).toBeVisible()
  await expect(again.locator('#question')).toHaveText('Who else lives there?')
  await again.click('#answers button:has-text("Just me")')
  await again.click('#answers button:has-text("A hand")')
  await expect(again.locator('#match')).toHaveText('ZZ plant')
})
