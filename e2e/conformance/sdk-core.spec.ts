import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, type Page, test } from '@playwright/test'

// The script-tag build in a real browser, against a server that answers as the protocol says.
const DIST = new URL('../../packages/browser/dist/', import.meta.url)
const SESSION_ID = '0192f1c2-7b3a-7c4d-8e5f-a1b2c3d4e5f6'
const NONCE = 'r4nd0m'

const STUB = `window.HelloAgain=window.HelloAgain||{q:[]};
'init track page captureErrors identify saveProgress prefill onRecognized setAccessToken reset optOut optIn setConsent flush'
.split(' ').forEach(function(m){HelloAgain[m]=HelloAgain[m]||function(){HelloAgain.q.push([m,arguments])}});`

interface Received {
  method: string
  path: string
  headers: IncomingMessage['headers']
  body: string
}

interface Collector {
  origin: string
  received: Received[]
  /** Changes of the answer to `POST /api/sessions`. */
  answer: Record<string, unknown>
  close(): Promise<void>
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

function answerOf(path: string, changes: Record<string, unknown>): unknown {
  if (path !== '/api/sessions')
    return { success: true, sessionId: SESSION_ID, accepted: 1, duplicates: 0, rejected: [] }
  return {
    success: true,
    restricted: false,
    session: { sessionId: SESSION_ID, userId: null, userData: null, lastSeen: null, metadata: {} },
    recognition: { method: 'new_user', isReturning: false },
    consent: { mode: 'recognition' },
    site: { fingerprintSalt: 'salt', unsetMode: 'recognition', sessionTtlSeconds: 2_592_000 },
    ...changes,
  }
}

const pageHtml = (attributes: string): string => `<!doctype html><title>Shop</title>
<script nonce="${NONCE}">${STUB}
HelloAgain.track('FIRST'); HelloAgain.track('SECOND');
HelloAgain.onRecognized(function(r){window.recognised=r});</script>
<script async nonce="${NONCE}" src="/sdk/v1/helloagain.js" ${attributes}></script><h1>Shop</h1>`

async function openCollector(): Promise<Collector> {
  const received: Received[] = []
  const collector = { origin: '', received, answer: {}, close: async () => {} } as Collector
  const server: Server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost')
    const body = await readBody(request)
    if (url.pathname.startsWith('/sdk/v1/')) {
      response.setHeader('Content-Type', 'text/javascript')
      response.end(readFileSync(new URL(url.pathname.slice('/sdk/v1/'.length), DIST)))
    } else if (url.pathname.startsWith('/api/') || url.pathname === '/app-data') {
      received.push({ method: request.method ?? '', path: url.pathname, headers: request.headers, body })
      response.setHeader('Content-Type', 'application/json')
      if (url.pathname === '/api/sessions') response.setHeader('Set-Cookie', 'seen=1; Path=/; HttpOnly')
      response.end(JSON.stringify(answerOf(url.pathname, collector.answer)))
    } else {
      response.setHeader('Content-Type', 'text/html')
      response.setHeader('Content-Security-Policy', `default-src 'self'; script-src 'nonce-${NONCE}'`)
      response.end(pageHtml(url.searchParams.get('tag') ?? 'data-site-key="pk_test"'))
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  collector.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  collector.close = () =>
    new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return collector
}

const eventTypes = ({ received }: Collector): string[] =>
  received
    .filter(({ path }) => path === '/api/events')
    .flatMap(({ body }) =>
      (JSON.parse(body).events as { eventType: string }[]).map(({ eventType }) => eventType),
    )

const sessionsOf = ({ received }: Collector): Received[] =>
  received.filter(({ path }) => path === '/api/sessions')

interface Shown {
  HelloAgain: {
    sessionId?: string
    supported?: boolean
    consentMode?: string
    init(): unknown
    track(type: string, payload?: object): void
    ready(): Promise<void>
    flush(): Promise<void>
    optOut(): Promise<void>
    fingerprint(): string | undefined
  }
  recognised?: unknown
}

const whenStarted = (page: Page) =>
  page.waitForFunction(() => (window as unknown as Shown).HelloAgain.supported)

const listStored = (page: Page) =>
  page.evaluate(async () => ({
    local: Object.keys(localStorage),
    tab: Object.keys(sessionStorage),
    cookie: document.cookie,
    databases: (await indexedDB.databases()).map(({ name }) => name),
  }))

let collector: Collector
test.beforeEach(async () => {
  collector = await openCollector()
})
test.afterEach(() => collector.close())

test('replays what was called before the script loaded, in order, once the session is open', async ({
  page,
}) => {
  const violations: string[] = []
  page.on('console', (message) => void (message.type() === 'error' && violations.push(message.text())))
  await page.goto(collector.origin)
  await expect
    .poll(() => eventTypes(collector))
    .toEqual(expect.arrayContaining(['FIRST', 'SECOND', 'PAGE_VIEW']))
  expect(eventTypes(collector)).toEqual(['PAGE_VIEW', 'FIRST', 'SECOND'])
  expect(collector.received[0]?.path).toBe('/api/sessions')
  expect(sessionsOf(collector)[0]?.headers).toMatchObject({
    'x-site-key': 'pk_test',
    'content-type': 'application/json',
  })
  const batch = collector.received.find(({ path }) => path === '/api/events')
  expect(batch?.headers['x-session-id']).toBe(SESSION_ID)
  expect(violations).toEqual([])
})

test('stamps the requests of the page with the session, and its fingerprint once it is observed', async ({
  page,
}) => {
  await page.goto(collector.origin)
  await whenStarted(page)
  await expect.poll(() => sessionsOf(collector).length, { timeout: 15_000 }).toBe(2)
  const { fingerprint } = JSON.parse(sessionsOf(collector)[1]?.body ?? '{}')
  expect(fingerprint.hash).toMatch(/^[0-9a-f]{32}$/)
  await page.evaluate(() => fetch('/app-data'))
  const request = collector.received.find(({ path }) => path === '/app-data')
  expect(request?.headers['x-session-id']).toBe(SESSION_ID)
  expect(request?.headers['x-device-fingerprint']).toBe(fingerprint.hash)
})

test('does not post again on the next page of the tab, and still says who came back', async ({ page }) => {
  collector.answer = { recognition: { method: 'cookie', isReturning: true } }
  await page.goto(collector.origin)
  await expect.poll(() => page.evaluate(() => (window as unknown as Shown).recognised)).toBeTruthy()
  await expect.poll(() => sessionsOf(collector).length, { timeout: 15_000 }).toBe(2)
  await page.goto(`${collector.origin}/second`)
  await expect
    .poll(() => page.evaluate(() => (window as unknown as Shown).recognised))
    .toEqual({ method: 'cookie', isReturning: true })
  await expect.poll(() => eventTypes(collector).filter((type) => type === 'PAGE_VIEW').length).toBe(2)
  expect(sessionsOf(collector)).toHaveLength(2)
})

test('a first visit stays one: its second page neither posts again nor is called a return', async ({
  page,
}) => {
  collector.answer = { recognition: { method: 'new_user', isReturning: false } }
  await page.goto(collector.origin)
  await expect.poll(() => sessionsOf(collector).length, { timeout: 15_000 }).toBe(2)
  // The answer to the fingerprint is remembered before the next page asks.
  await page.waitForFunction(() => sessionStorage.length > 0)
  await page.goto(`${collector.origin}/second`)
  await expect.poll(() => eventTypes(collector).filter((type) => type === 'PAGE_VIEW').length).toBe(2)
  expect(sessionsOf(collector)).toHaveLength(2)
  expect(await page.evaluate(() => (window as unknown as Shown).recognised ?? null)).toBeNull()
})

test('delivers events of a page that is left at once, in a request that needs no preflight', async ({
  page,
}) => {
  await page.goto(collector.origin)
  await whenStarted(page)
  const leaving = page.evaluate(async () => {
    const { HelloAgain } = window as unknown as Shown
    await HelloAgain.ready()
    await HelloAgain.flush()
    for (let i = 0; i < 20; i++) HelloAgain.track(`LAST_${i}`)
    location.href = 'about:blank'
  })
  // The page may be gone before it has answered.
  await leaving.catch(() => undefined)
  await expect.poll(() => eventTypes(collector).filter((type) => type.startsWith('LAST_')).length).toBe(20)
  const beacon = collector.received.find(({ body }) => body.includes('LAST_'))
  expect(beacon?.headers['content-type']).toMatch(/^text\/plain/)
  expect(JSON.parse(beacon?.body ?? '{}')).toMatchObject({ siteKey: 'pk_test', sessionId: SESSION_ID })
})

test('stores nothing and sends no cookie under Global Privacy Control', async ({ page, context }) => {
  await context.addInitScript(() => {
    Object.defineProperty(navigator, 'globalPrivacyControl', { value: true })
    const asked: string[] = []
    Object.assign(window, { asked })
    const { getItem } = Storage.prototype
    Storage.prototype.getItem = function (key) {
      asked.push(key)
      return getItem.call(this, key)
    }
  })
  collector.answer = { consent: { mode: 'cookieless' } }
  await page.goto(collector.origin)
  await expect.poll(() => eventTypes(collector)).toEqual(['PAGE_VIEW', 'FIRST', 'SECOND'])
  await page.waitForLoadState('networkidle')
  expect(await listStored(page)).toEqual({ local: [], tab: [], cookie: '', databases: [] })
  expect(await page.evaluate(() => (window as unknown as { asked: string[] }).asked)).toEqual([])
  expect(await context.cookies()).toEqual([])
  expect(collector.received.some(({ headers }) => headers['x-device-fingerprint'])).toBe(false)
  // By its name on the wire: a short one the build gave it would tell the server nothing.
  for (const { body } of collector.received)
    expect(JSON.parse(body).consent).toEqual({ choice: 'unset', optOutSignal: true })
})

test('keeps nothing but the refusal after an opt-out', async ({ page }) => {
  await page.goto(collector.origin)
  await whenStarted(page)
  await expect.poll(() => sessionsOf(collector).length, { timeout: 15_000 }).toBe(2)
  await page.evaluate(() => (window as unknown as Shown).HelloAgain.optOut())
  await expect.poll(async () => (await listStored(page)).local).toEqual(['helloagain_session_id_consent'])
  expect((await listStored(page)).tab).toEqual([])
  const before = collector.received.length
  await page.reload()
  await whenStarted(page)
  await page.evaluate(async () => {
    const { HelloAgain } = window as unknown as Shown
    HelloAgain.track('SILENT')
    await HelloAgain.flush()
  })
  expect(collector.received.slice(before)).toEqual([])
})

test('lets two tabs that open at once end with one session', async ({ context }) => {
  const tabs = await Promise.all([context.newPage(), context.newPage()])
  await Promise.all(tabs.map((tab) => tab.goto(collector.origin)))
  await Promise.all(tabs.map(whenStarted))
  await Promise.all(tabs.map((tab) => tab.evaluate(() => (window as unknown as Shown).HelloAgain.ready())))
  const [first, second] = sessionsOf(collector)
  expect(second?.headers['x-session-id']).toBe(SESSION_ID)
  expect(first?.headers['x-session-id']).not.toBe(SESSION_ID)
  for (const tab of tabs) {
    expect(await tab.evaluate(() => (window as unknown as Shown).HelloAgain.sessionId)).toBe(SESSION_ID)
  }
})

test('hands over what waits and honours a refusal where a blocker eats the session part', async ({
  page,
}) => {
  await page.route('**/helloagain-session.*.js', (route) => route.abort())
  await page.goto(collector.origin)
  await whenStarted(page)
  await page.goto(`${collector.origin}/second`)
  await expect.poll(() => eventTypes(collector)).toEqual(['PAGE_VIEW', 'FIRST', 'SECOND'])
  await whenStarted(page)
  expect(sessionsOf(collector)).toEqual([])
  await page.evaluate(() => (window as unknown as Shown).HelloAgain.optOut())
  expect((await listStored(page)).local).toEqual(['helloagain_session_id_consent'])
  expect(JSON.parse(sessionsOf(collector)[0]?.body ?? '{}').consent.choice).toBe('denied')
})

test('hands over what waits and honours a refusal where a blocker eats the delivery part', async ({
  page,
}) => {
  await page.route('**/helloagain-delivery.*.js', (route) => route.abort())
  await page.goto(collector.origin)
  await whenStarted(page)
  await page.evaluate(() => (window as unknown as Shown).HelloAgain.ready())
  await expect
    .poll(async () => (await listStored(page)).local.filter((key) => key.includes('_event_')).length)
    .toBe(3)
  await page.goto(`${collector.origin}/second`)
  await expect.poll(() => eventTypes(collector)).toEqual(['PAGE_VIEW', 'FIRST', 'SECOND'])
  await whenStarted(page)
  await page.evaluate(() => (window as unknown as Shown).HelloAgain.optOut())
  expect((await listStored(page)).local).toEqual(['helloagain_session_id_consent'])
})

test('a failed request of the page settles also where a blocker eats the session part', async ({ page }) => {
  await page.route('**/helloagain-session.*.js', (route) => route.abort())
  await page.route('**/cut', (route) => route.abort())
  await page.goto(collector.origin)
  await whenStarted(page)
  const outcome = await page.evaluate(() => fetch('/cut').catch((error: Error) => error.name))
  expect(outcome).toBe('TypeError')
})

test('takes off every patch when it is closed', async ({ page }) => {
  await page.goto(`${collector.origin}/?tag=`)
  const isUntouched = await page.evaluate(async () => {
    const native = [fetch, history.pushState, history.replaceState, XMLHttpRequest.prototype.open]
    const { HelloAgain } = window as unknown as Shown
    while (!('loaded' in HelloAgain)) await new Promise(requestAnimationFrame)
    const client = HelloAgain.init() as { close(): void; prefill(form: HTMLFormElement): Promise<number> }
    const isPatched = fetch !== native[0]
    await client.prefill(document.createElement('form'))
    client.close()
    const now = [fetch, history.pushState, history.replaceState, XMLHttpRequest.prototype.open]
    return isPatched && now.every((method, index) => method === native[index])
  })
  expect(isUntouched).toBe(true)
})

test('refuses a part whose content is not the one it was built with', async ({ page }) => {
  await page.route('**/helloagain-probes.*.js', (route) =>
    route.fulfill({ contentType: 'text/javascript', body: 'window.tampered = true' }),
  )
  const refused = page.waitForEvent('console', (message) => message.text().includes('integrity'))
  await page.goto(collector.origin)
  await refused
  expect(await page.evaluate(() => 'tampered' in window)).toBe(false)
})
