import { expect, sessionOpened, test } from './support/shop.ts'

test.describe('a person who comes back', () => {
  test('after closing the browser is the same visitor, proven by the cookie', async ({ shop, person }) => {
    const first = await person.open()
    const before = await sessionOpened(first, () => first.goto('/'))
    await person.closeBrowser()
    shop.sleepDays(3)

    const again = await person.open()
    const after = await sessionOpened(again, () => again.goto('/'))
    expect(after.recognition).toMatchObject({ method: 'cookie', isReturning: true })
    expect(after.session.sessionId).toBe(before.session.sessionId)
    expect(after.visitor?.visitorId).toBe(before.visitor?.visitorId)
    expect(await shop.rows('journeys')).toMatchObject([{ userType: 'returning', journeyStage: 'engaged' }])
  })

  test('with localStorage wiped is still known by the cookie', async ({ shop, person }) => {
    const page = await person.open()
    const before = await sessionOpened(page, () => page.goto('/'))
    await page.evaluate(() => {
      localStorage.clear()
      sessionStorage.clear()
    })
    await person.closeBrowser()
    shop.sleepDays(1)

    const again = await person.open()
    const after = await sessionOpened(again, () => again.goto('/'))
    expect(after.recognition).toMatchObject({ method: 'cookie', isReturning: true })
    expect(after.session.sessionId).toBe(before.session.sessionId)
  })

  test('with everything wiped is known as returning and as nothing else', async ({ shop, person }) => {
    const page = await person.open()
    const before = await sessionOpened(page, () => page.goto('/signup'))
    await page.fill('input[name=firstName]', 'Ada')
    await page.fill('input[name=email]', 'ada@example.com')
    await page.click('button:has-text("Sign up")')
    await expect(page.locator('#hello')).toHaveText('Hello, Ada')
    // The fingerprint follows in idle time.
    await expect
      .poll(
        async () =>
          (await shop.server.storage.db.select().from(shop.server.storage.tables.visitorFingerprints)).length,
      )
      .toBeGreaterThan(0)

    await person.context().clearCookies()
    await page.evaluate(async () => {
      localStorage.clear()
      sessionStorage.clear()
      for (const { name } of await indexedDB.databases()) if (name) indexedDB.deleteDatabase(name)
    })
    await person.closeBrowser()
    shop.sleepDays(2)

    const again = await person.open()
    const answers: string[] = []
    again.on('response', async (response) => {
      if (new URL(response.url()).pathname.startsWith('/api/'))
        answers.push(await response.text().catch(() => ''))
    })
    const recognised = again.waitForResponse(
      async (response) =>
        response.url().endsWith('/api/sessions') &&
        response.request().method() === 'POST' &&
        ((await response.json()) as { recognition: { method: string } }).recognition.method ===
          'fingerprint_recognized',
    )
    await again.goto('/signup')
    expect(((await (await recognised).json()) as { recognition: object }).recognition).toEqual({
      method: 'fingerprint_recognized',
      isReturning: true,
    })
    await expect(again.locator('[data-ha-welcome]')).toBeHidden()
    await expect(again.locator('input[name=firstName]')).toHaveValue('')
    const told = answers.join('\n')
    expect(told).not.toContain('Ada')
    expect(told).not.toContain('ada@example.com')
    expect(told).not.toContain(before.visitor?.visitorId ?? 'no visitor id at all')
    expect(told).not.toContain(before.session.sessionId)
  })
})
