import { expect, test } from './support/shop.ts'

test('two tabs opened at once share one session', async ({ shop, person }) => {
  const [one, two] = [await person.open(), await person.open()]
  await Promise.all([one.goto('/quiz'), two.goto('/signup')])
  await expect.poll(async () => (await shop.rows('eventLogs')).length).toBeGreaterThanOrEqual(2)
  expect(await shop.rows('userSessions')).toHaveLength(1)
  expect(await shop.rows('visitors')).toHaveLength(1)
  const stored = (page: typeof one) => page.evaluate(() => localStorage.getItem('helloagain_session_id'))
  expect(await stored(one)).toBe(await stored(two))
})
