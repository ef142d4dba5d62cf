import type { Page } from '@playwright/test'
import { expect, test } from './support/shop.ts'

async function shopWorks(page: Page): Promise<void> {
  const errors: Error[] = []
  page.on('pageerror', (error) => errors.push(error))
  await page.goto('/')
  await page.click('#cta')
  for (const answer of ['Bright', 'Weekly', 'Just me', 'A chair'])
    await page.click(`#answers button:has-text("${answer}")`)
  await expect(page.locator('#match')).toHaveText('Monstera')
  expect(errors).toEqual([])
}

test('the shop works while the server is down', async ({ shop, person }) => {
  const page = await person.open()
  await shop.stopServer()
  await shopWorks(page)
})

test('the shop works when a blocker eats script and calls', async ({ shop, person }) => {
  const page = await person.open()
  await person.context().route(`${shop.server.url}/**`, (route) => route.abort('blockedbyclient'))
  await shopWorks(page)
})
