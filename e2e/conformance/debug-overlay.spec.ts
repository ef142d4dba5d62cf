import { readFileSync } from 'node:fs'
import type { Page } from '@playwright/test'
import { bundleScript, expect, type Site, test } from './support-fingerprint.ts'

// The overlay as people meet it: what its closed shadow root shows is read as a screen reader reads it.
const DIST = new URL('../../packages/browser/dist/', import.meta.url)
const SESSION_ID = '0192f1c2-7b3a-7c4d-8e5f-a1b2c3d4e5f6'

function answer(site: Site, changes: Record<string, unknown> = {}): void {
  const body = JSON.stringify({
    success: true,
    restricted: false,
    session: { sessionId: SESSION_ID, userId: null, userData: null, lastSeen: null, metadata: {} },
    recognition: { method: 'new_user', isReturning: false },
    consent: { mode: 'recognition' },
    site: { fingerprintSalt: 'salt', unsetMode: 'recognition', sessionTtlSeconds: 2_592_000 },
    ...changes,
  })
  site.answers.set('/api/sessions', { type: 'application/json', body })
  site.answers.set('/api/events', {
    type: 'application/json',
    body: '{"success":true,"accepted":1,"rejected":[]}',
  })
}

/** A page with our tag, under a policy that forbids inline styles, and the parts of the build. */
function serve(site: Site, attributes: string): void {
  const { files } = JSON.parse(readFileSync(new URL('manifest.json', DIST), 'utf8')) as {
    files: { name: string; file: string }[]
  }
  for (const path of files.flatMap(({ name, file }) => [name, file])) {
    const body = readFileSync(new URL(path, DIST), 'utf8')
    site.answers.set(`/sdk/${path}`, { type: 'text/javascript', body })
  }
  const body = `<!doctype html><html lang="en"><title>Shop</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'self'; img-src data:"><link rel="icon" href="data:,">
<script src="/sdk/helloagain.js" data-site-key="pk_test" ${attributes}></script><h1>Shop</h1></html>`
  site.answers.set('/', { type: 'text/html', body })
}

/** All text of the page, closed shadow roots included, as the accessibility tree has it. */
async function readAloud(page: Page): Promise<string> {
  const devtools = await page.context().newCDPSession(page)
  const { nodes } = (await devtools.send('Accessibility.getFullAXTree')) as {
    nodes: { role?: { value: string }; name?: { value: string } }[]
  }
  await devtools.detach()
  return nodes.map(({ role, name }) => `${role?.value}: ${name?.value ?? ''}`).join('\n')
}

const partsAsked = (site: Site) =>
  site.requests.flatMap(({ path }) => /helloagain-(\w+)\./.exec(path)?.[1] ?? [])

test.beforeEach(({ site }) => answer(site))

test('says why nobody was recognised, in words a screen reader reads, and takes nothing from the page', async ({
  page,
  site,
}) => {
  const complaints: string[] = []
  page.on('console', (message) => void (message.type() === 'error' && complaints.push(message.text())))
  serve(site, 'data-debug')
  await page.goto(site.origin)
  await expect.poll(() => readAloud(page)).toMatch(/Observed with \d+ of 100/)
  const told = await readAloud(page)
  expect(told).toMatch(/region: Hello Again: what was seen/)
  expect(told).toContain('Not recognised')
  expect(told).toContain('A new id')
  expect(told).toContain('docs/recognition.md#why-was-a-visitor-not-recognised')
  // Names of signals, not what they say; and nothing that names this browser.
  const { signals } = JSON.parse(site.requests.filter(({ path }) => path === '/api/sessions')[1]?.body ?? '')
    .fingerprint as { signals: Record<string, string> }
  for (const value of [signals['userAgent'], signals['canvas'], SESSION_ID]) expect(told).not.toContain(value)
  expect(complaints).toEqual([])
  expect(await page.evaluate(() => document.querySelector('helloagain-debug')?.shadowRoot)).toBeNull()
  expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('BODY')
})

test('is closed by the keyboard, and taken away with the client', async ({ page, site }) => {
  serve(site, 'data-debug')
  await page.goto(site.origin)
  const panel = page.locator('helloagain-debug')
  await expect(panel).toHaveCount(1)
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await expect(panel).toHaveCount(0)
  await page.reload()
  await expect(panel).toHaveCount(1)
  await page.evaluate(() => (globalThis as unknown as { HelloAgain: { close(): void } }).HelloAgain.close())
  await expect(panel).toHaveCount(0)
})

test('nobody loads it who did not ask', async ({ page, site }) => {
  serve(site, '')
  await page.goto(site.origin)
  await expect.poll(() => partsAsked(site)).toContain('extras')
  await expect.poll(() => site.requests.filter(({ path }) => path === '/api/sessions').length).toBe(2)
  expect(partsAsked(site)).not.toContain('debug')
  await expect(page.locator('helloagain-debug')).toHaveCount(0)
})

test('tells a refusal, and asks the server for nothing because of it', async ({ page, site }) => {
  serve(site, 'data-debug data-consent="denied"')
  await page.goto(site.origin)
  await expect.poll(() => readAloud(page)).toContain('Consent was refused')
  expect(site.requests.filter(({ path }) => path.startsWith('/api/'))).toEqual([])
  expect(partsAsked(site)).not.toContain('probes')
})

test('tells Global Privacy Control, and stores nothing while it does', async ({ page, site }) => {
  await page.addInitScript(() => Object.defineProperty(navigator, 'globalPrivacyControl', { value: true }))
  answer(site, { consent: { mode: 'cookieless' } })
  serve(site, 'data-debug')
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
