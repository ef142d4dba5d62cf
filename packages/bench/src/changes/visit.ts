import type { Page } from 'playwright-core'

/** Visits the site by the real SDK. @returns the session, once the server has the browser's observation */
export async function visit(page: Page, url: string): Promise<string> {
  const observed = page.waitForResponse(
    (response) =>
      response.ok() &&
      new URL(response.url()).pathname === '/api/sessions' &&
      (response.request().postData() ?? '').includes('"fingerprint"'),
  )
  await page.goto(url)
  const { session } = (await (await observed).json()) as { session: { sessionId: string } }
  return session.sessionId
}

/** What a rival calls this browser. */
export async function askRival(page: Page, url: string): Promise<string> {
  await page.goto(url)
  const { hash } = await page.evaluate(() =>
    (globalThis as unknown as { observe(): Promise<{ hash: string }> }).observe(),
  )
  return hash
}
