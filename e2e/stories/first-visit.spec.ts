import { expect, sessionOpened, test } from './support/shop.ts'

test.describe('a first visit', () => {
  test('opens a session whose proof scripts cannot read, and tracks the page view', async ({
    shop,
    person,
  }) => {
    const page = await person.open()
    const opened = await sessionOpened(page, () => page.goto('/'))
    expect(opened.recognition).toMatchObject({ method: 'new_user', isReturning: false })

    const cookie = (await person.context().cookies()).find(({ name }) => name === 'ha_session')
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Lax' })
    expect(await page.evaluate(() => document.cookie)).not.toContain('ha_session')

    await expect
      .poll(async () => (await shop.rows('eventLogs')).map((row) => row.eventType))
      .toContain('PAGE_VIEW')
    expect(await shop.rows('journeys')).toMatchObject([
      { userType: 'anonymous', journeyStage: 'first_visit' },
    ])
  })

  test('greets nobody and fills in nothing', async ({ person }) => {
    const page = await person.open()
    await sessionOpened(page, () => page.goto('/signup'))
    await expect(page.locator('[data-ha-welcome]')).toBeHidden()
    await expect(page.locator('#signup input[name=firstName]')).toHaveValue('')
  })

  test('leaves nothing personal in what the server stores about the browser', async ({ shop, person }) => {
    const page = await person.open()
    await sessionOpened(page, () => page.goto('/?token=s3cret-in-the-url&utm_source=news'))
    await expect.poll(async () => (await shop.rows('eventLogs')).length).toBeGreaterThan(0)
    const stored = JSON.stringify([await shop.rows('userSessions'), await shop.rows('eventLogs')])
    expect(stored).not.toContain('s3cret-in-the-url')
    expect(stored).not.toContain('127.0.0.1,')
    expect(stored).not.toContain('Mozilla/5.0')
    expect(stored).toContain('news')
  })
})
