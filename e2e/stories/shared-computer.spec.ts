import { expect, test } from './support/shop.ts'

test('two people on one computer: "Not you?" shows the second one nothing of the first', async ({
  shop,
  person,
}) => {
  const page = await person.open()
  await page.goto('/signup')
  await page.fill('input[name=firstName]', 'Ada')
  await page.fill('input[name=email]', 'ada@example.com')
  await page.click('button:has-text("Sign up")')
  await expect(page.locator('#hello')).toHaveText('Hello, Ada')
  await person.closeBrowser()
  shop.sleepDays(1)

  const second = await person.open()
  await second.goto('/signup')
  await expect(second.locator('input[name=firstName]')).toHaveValue('Ada')
  await second.click('[data-ha-welcome] button')
  await expect(second.locator('[data-ha-welcome]')).toBeHidden()
  await expect(second.locator('input[name=firstName]')).toHaveValue('')
  await expect(second.locator('input[name=email]')).toHaveValue('')

  await second.fill('input[name=firstName]', 'Bob')
  await second.fill('input[name=email]', 'bob@example.com')
  await second.click('button:has-text("Sign up")')
  await expect(second.locator('#hello')).toHaveText('Hello, Bob')
  await expect(second.locator('#fields')).not.toContainText('ada')
  expect((await shop.rows('users')).map((row) => row.email)).toEqual(['ada@example.com', 'bob@example.com'])
  expect(new Set((await shop.rows('userSessions')).map((row) => row.visitorId)).size).toBe(2)
})

test('log-out ends prefill on this computer', async ({ person }) => {
  const page = await person.open()
  await page.goto('/signup')
  await page.fill('input[name=firstName]', 'Ada')
  await page.fill('input[name=email]', 'ada@example.com')
  await page.click('button:has-text("Sign up")')
  await page.click('#logout')
  await expect(page.locator('#login')).toBeVisible()
  await page.goto('/signup')
  await expect(page.locator('input[name=firstName]')).toHaveValue('')
  await expect(page.locator('[data-ha-welcome]')).toBeHidden()
})
