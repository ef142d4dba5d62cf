import { expect, test } from './support/shop.ts'

const PASSWORD = 'seven quiet ferns in a row'

test('a lost token is brought back by the refresh cookie, and a lost log-in by the password', async ({
  shop,
  person,
}) => {
  const page = await person.open()
  await page.goto('/signup')
  await page.fill('input[name=firstName]', 'Ada')
  await page.fill('input[name=email]', 'ada@example.com')
  await page.fill('input[name=password]', PASSWORD)
  await page.click('button:has-text("Sign up")')
  await expect(page.locator('#hello')).toHaveText('Hello, Ada')

  // The token lived in memory: this page load has lost it.
  const refreshed = page.waitForResponse((response) => response.url().endsWith('/api/auth/refresh'))
  await page.reload()
  expect((await refreshed).status()).toBe(200)
  await expect(page.locator('#hello')).toHaveText('Hello, Ada')

  // Now the refresh cookie is gone as well; the session lives, and the password signs in again.
  const session = (await person.context().cookies()).filter(({ name }) => !name.includes('refresh'))
  await person.context().clearCookies()
  await person.context().addCookies(session)
  await page.reload()
  await expect(page.locator('#hello')).toHaveText('Hello, Ada')
  expect(await shop.rows('userSessions')).toHaveLength(1)
})

test('the fingerprint travels only while there is no token', async ({ person }) => {
  const page = await person.open()
  const sent: Record<string, string>[] = []
  page.on('request', (request) => {
    if (new URL(request.url()).pathname === '/api/auth/refresh') sent.push(request.headers())
  })
  await page.goto('/signup')
  await page.waitForFunction(() => Object.keys(localStorage).some((key) => key.includes('fingerprint')))
  await page.goto('/account')
  await expect.poll(() => sent.length).toBeGreaterThan(0)
  expect(sent[0]?.['x-device-fingerprint']).toMatch(/^[0-9a-f]{32}$/)
  expect(sent[0]?.['x-session-id']).toBeTruthy()
  expect(sent[0]?.['authorization']).toBeUndefined()
})
