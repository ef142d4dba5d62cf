import { readFileSync } from 'node:fs'
import { expect, type Page, test } from '@playwright/test'
import { createTestServer, type TestServer } from '../../packages/browser/src/testing/testing.ts'

// What `@helloagain/browser/testing` promises to Playwright: it stands in for the server of a real page.
const DIST = new URL('../../packages/browser/dist/', import.meta.url)
const ORIGIN = 'http://shop.localhost'

/** As the README shows it. */
async function answerApi(page: Page, server: TestServer): Promise<void> {
  await page.route('**/api/**', async (route) => {
    const request = route.request()
    const answer = await server.fetch(request.url(), {
      method: request.method(),
      headers: await request.allHeaders(),
      body: request.postData(),
      credentials: 'include',
    })
    await route.fulfill({ status: answer.status, json: await answer.json() })
  })
}

async function openShop(page: Page, server: TestServer): Promise<void> {
  await page.route(`${ORIGIN}/**`, (route) => {
    const { pathname } = new URL(route.request().url())
    return pathname.startsWith('/sdk/v1/')
      ? route.fulfill({
          contentType: 'text/javascript',
          body: readFileSync(new URL(pathname.slice('/sdk/v1/'.length), DIST), 'utf8'),
        })
      : route.fulfill({
          contentType: 'text/html',
          body: `<p data-ha-welcome="Welcome back, {firstName}" hidden></p>
            <script src="/sdk/v1/helloagain.js" data-site-key="pk_test"></script>`,
        })
  })
  await answerApi(page, server)
  await page.goto(`${ORIGIN}/quiz`)
}

test('a real page is greeted by the server in memory, and its events arrive there', async ({ page }) => {
  const server = createTestServer()
  server.recognise({ userData: { firstName: 'Ada' } })
  await openShop(page, server)
  await expect(page.getByText('Welcome back, Ada')).toBeVisible()
  await page.evaluate('HelloAgain.track("QUIZ_STARTED", { quizType: "plants" })')
  expect(await server.waitForEvent('QUIZ_STARTED', { timeoutMs: 10_000 })).toMatchObject({
    payload: { quizType: 'plants' },
  })
  expect(server.events('PAGE_VIEW')).toMatchObject([{ payload: { page: '/quiz' } }])
})
