import type { Page } from '@playwright/test'
import { bundleScript, expect, test } from './support-fingerprint.ts'
import { answerSessions, openings, partsAsked, type SdkWindow, SESSION_ID, serveSdk } from './support-sdk.ts'

// The overlay as people meet it: what its closed shadow root shows is read as a screen reader reads it.
/** All text of the page, closed shadow roots included, as the accessibility tree has it. */
async function readAloud(page: Page): Promise<string> {
  const devtools = await page.context().newCDPSession(page)
  const { nodes } = (await devtools.send('Accessibility.getFullAXTree')) as {
    nodes: { role?: { value: string }; name?: { value: string } }[]
  }
  await devtools.detach()
  return nodes.map(({ role, name }) => `${role?.value}: ${name?.value ?? ''}`).join('\n')
}

test.beforeEach(({ site }) => answerSessions(site))

test('says why nobody was recognised, in words a screen reader reads, and takes nothing from the page', async ({
  page,
  site,
}) => {
  const complaints: string[] = []
  page.on('console', (message) => void (message.type() === 'error' && complaints.push(message.text())))
  serveSdk(site, 'data-debug')
  await page.goto(site.origin)
  await expect.poll(() => readAloud(page)).toMatch(/Observed with \d+ of 100/)
  const told = await readAloud(page)
  expect(told).toMatch(/region: Hello Again: what was seen/)
  expect(told).toContain('Not recognised')
  expect(told).toContain('A new id')
  expect(told).toContain('docs/recognition.md#why-was-a-visitor-not-recognised')
  // Names of signals, not what they say; and nothing that names this browser.
  await expect.poll(() => openings(site).length).toBe(2)
  const signals = openings(site)[1]?.fingerprint?.signals ?? {}
  for (const value of [signals['userAgent'], signals['canvas'], SESSION_ID]) expect(told).not.toContain(value)
  expect(complaints).toEqual([])
  expect(await page.evaluate(() => document.querySelector('helloagain-debug')?.shadowRoot)).toBeNull()
  expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('BODY')
})

test('is closed by the keyboard, and taken away with the client', async ({ page, site }) => {
  serveSdk(site, 'data-debug')
  await page.goto(site.origin)
  const panel = page.locator('helloagain-debug')
  await expect(panel).toHaveCount(1)
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await expect(panel).toHaveCount(0)
  await page.reload()
  await expect(panel).toHaveCount(1)
  await page.evaluate(() => (window as unknown as SdkWindow).HelloAgain.close())
  await expect(panel).toHaveCount(0)
})

test('reads out what is new, and nothing twice', async ({ page, site }) => {
  await page.addInitScript(() => {
    const said: string[] = []
    const { attachShadow } = Element.prototype
    Element.prototype.attachShadow = function (options) {
      const root = attachShadow.call(this, options)
      const listen = (changes: MutationRecord[]) => {
        for (const node of changes.flatMap(({ addedNodes }) => [...addedNodes]))
          if (node instanceof HTMLLIElement) said.push(node.textContent)
      }
      new MutationObserver(listen).observe(root, { childList: true, subtree: true })
      return root
    }
    Object.assign(window, { said })
  })
  serveSdk(site, 'data-debug')
  await page.goto(site.origin)
  await expect.poll(() => readAloud(page)).toMatch(/Observed with \d+ of 100/)
  await expect.poll(() => openings(site).length).toBe(2)
  const said = await page.evaluate(() => (window as unknown as { said: string[] }).said)
  expect(said.filter((text) => text.includes('Consent allows recognition'))).toHaveLength(1)
  expect(said).toEqual([...new Set(said)])
})

test('is there before the body of a slow page is', async ({ page, site }) => {
  serveSdk(site, 'data-debug')
  const { body = '', type = '' } = site.answers.get('/') ?? {}
  site.answers.set('/', { type, body: `${body}<script src="/never.js"></script><h1>Shop</h1>` })
  // A script in the head that does not come keeps the parser from the body.
  await page.route('**/never.js', () => undefined)
  await page.goto(site.origin, { waitUntil: 'commit' })
  await expect.poll(() => readAloud(page)).toContain('Consent allows recognition')
  expect(await page.evaluate(() => document.body)).toBeNull()
})

test('says that the probes did not come, as where a content blocker keeps them away', async ({
  page,
  site,
}) => {
  await page.route('**/helloagain-probes.*', (route) => route.abort())
  serveSdk(site, 'data-debug')
  await page.goto(site.origin)
  await expect.poll(() => readAloud(page)).toContain('Could not be observed')
})

test('nobody loads it who did not ask', async ({ page, site }) => {
  serveSdk(site, '')
  await page.goto(site.origin)
  await expect.poll(() => partsAsked(site)).toContain('extras')
  await expect.poll(() => openings(site).length).toBe(2)
  expect(partsAsked(site)).not.toContain('debug')
  await expect(page.locator('helloagain-debug')).toHaveCount(0)
})

test('tells a refusal, and asks the server for nothing because of it', async ({ page, site }) => {
  serveSdk(site, 'data-debug data-consent="denied"')
  await page.goto(site.origin)
  await expect.poll(() => readAloud(page)).toContain('Consent was refused')
  expect(site.requests.filter(({ path }) => path.startsWith('/api/'))).toEqual([])
  expect(partsAsked(site)).not.toContain('probes')
})

test('tells Global Privacy Control, and stores nothing while it does', async ({ page, site }) => {
  await page.addInitScript(() => Object.defineProperty(navigator, 'globalPrivacyControl', { value: true }))
  answerSessions(site, { consent: { mode: 'cookieless' } })
  serveSdk(site, 'data-debug')
  await page.goto(site.origin)
  await expect.poll(() => readAloud(page)).toContain('Global Privacy Control')
  await expect.poll(() => readAloud(page)).toContain('Not recognised')
  expect(await page.evaluate(() => [localStorage.length, sessionStorage.length])).toEqual([0, 0])
})

test('comes with the npm package too', async ({ page, site }) => {
  site.answers.set('/', { type: 'text/html', body: '<!doctype html><title>Shop</title><h1>Shop</h1>' })
  await page.goto(site.origin)
  await page.addScriptTag({ content: await bundleScript('index.ts', 'HelloAgainNpm') })
  await page.evaluate(() => {
    const { createClient } = (
      globalThis as unknown as { HelloAgainNpm: typeof import('../../packages/browser/src/index.ts') }
    ).HelloAgainNpm
    createClient({ debug: true })
  })
  await expect.poll(() => readAloud(page)).toMatch(/Observed with \d+ of 100/)
})
