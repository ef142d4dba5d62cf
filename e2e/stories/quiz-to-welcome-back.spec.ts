import { expect, sessionOpened, test } from './support/shop.ts'

test('from quiz to sign-up to a prefilled form to "Welcome back"', async ({ shop, person }) => {
  const page = await person.open()
  await sessionOpened(page, () => page.goto('/'))
  await page.click('#cta')
  for (const answer of ['Bright', 'Weekly', 'A cat', 'A chair'])
    await page.click(`#answers button:has-text("${answer}")`)
  await expect(page.locator('#match')).toHaveText('Calathea')

  await page.click('#result a.cta')
  await page.fill('input[name=firstName]', 'Ada')
  await page.fill('input[name=email]', 'ada@example.com')
  await page.fill('input[name=city]', 'London')
  await page.selectOption('select[name=household]', '2 people')
  await page.click('button:has-text("Sign up")')
  await expect(page.locator('#hello')).toHaveText('Hello, Ada')
  await expect(page.locator('#fields')).toContainText('Calathea')

  const types = async () => (await shop.rows('eventLogs')).map((row) => row.eventType)
  for (const type of [
    'CONTENT_CLICK',
    'QUIZ_STARTED',
    'QUIZ_COMPLETED',
    'FORM_STARTED',
    'FORM_PROGRESS',
    'SIGNUP_COMPLETED',
  ]) {
    await expect.poll(types).toContain(type)
  }
  const [session] = await shop.rows('userSessions')
  expect(session?.convertedUser).toBe((await shop.rows('users'))[0]?.id)
  expect(await shop.rows('journeys')).toMatchObject([{ userType: 'registered', journeyStage: 'converted' }])

  await person.closeBrowser()
  shop.sleepDays(1)
  const again = await person.open()
  await again.goto('/signup')
  await expect(again.locator('[data-ha-welcome]')).toBeVisible()
  await expect(again.locator('[data-ha-welcome]')).toContainText('Welcome back, Ada')
  await expect(again.locator('input[name=firstName]')).toHaveValue('Ada')
  await expect(again.locator('input[name=city]')).toHaveValue('London')
  await expect(again.locator('select[name=household]')).toHaveValue('2 people')
  // Anyone may look over a shoulder: the address shows itself only to who enters the field.
  await expect(again.locator('ha-mask')).toHaveText('a•••@example.com')
  await again.focus('input[name=email]')
  await expect(again.locator('ha-mask')).toBeHidden()
  await expect(again.locator('input[name=email]')).toHaveValue('ada@example.com')
  await expect(again.locator('input[name=password]')).toHaveValue('')
})

test('a person who took the quiz by the landing page is welcomed there too, by script tag', async ({
  shop,
  person,
}) => {
  const page = await person.open()
  await page.goto('/chat')
  for (const answer of ['Grace', 'Arlington', 'grace@example.com']) {
    await page.fill('#answer', answer)
    await page.click('#say button')
  }
  await expect(page.locator('#talk')).toContainText('You are in the club, Grace')
  await person.closeBrowser()
  shop.sleepDays(1)
  const again = await person.open()
  await again.goto('/')
  await expect(again.locator('[data-ha-welcome]')).toContainText('Welcome back, Grace')
})
