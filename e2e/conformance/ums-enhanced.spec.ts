import { gzipSync } from 'node:zlib'
import { anonymousAuthRequestSchema } from '@helloagain/protocol/schemas'
import type { BrowserContext, Page } from '@playwright/test'
import type { UmsEnhanced } from '../../packages/browser/src/ums/anonymous-auth.ts'
import { bundleScript, expect, openSite, type Site, serveHtml, test } from './support-fingerprint.ts'

declare const UMSEnhanced: UmsEnhanced

const ANSWER = {
  success: true,
  user_id: 'v1',
  session_id: 's1',
  is_returning: true,
  recognition_method: 'fingerprint_recognized',
  fingerprint_confidence: 84,
  ums_data: { fingerprint_confidence: 84, user_type: 'returning', journey_stage: 'engaged', journey: {} },
}

let script = ''
test.beforeAll(async () => {
  script = await bundleScript('ums-enhanced.ts', 'unused')
})

async function open(page: Page, site: Site, attributes = ''): Promise<void> {
  site.answers.set('/lib/ums-enhanced-fingerprint.js', { type: 'text/javascript', body: script })
  if (!site.answers.has('/api/auth/anonymous')) {
    site.answers.set('/api/auth/anonymous', { type: 'application/json', body: JSON.stringify(ANSWER) })
  }
  serveHtml(site, `<script src="/lib/ums-enhanced-fingerprint.js" ${attributes}></script>`)
  await page.goto(site.origin)
}

const initialize = (page: Page) =>
  page.evaluate(() =>
    UMSEnhanced.initializeEnhancedAnonymousAuth({ timeBoundMs: 5000 }).catch(
      (error: Error & { code?: string }) => ({
        code: error.code,
        message: error.message,
      }),
    ),
  )

const posts = (site: Site) => site.requests.filter(({ path }) => path === '/api/auth/anonymous')
const bodyOf = (request: { body: string } | undefined) => JSON.parse(request?.body ?? 'null')

/** Says GPC before any script runs, and counts every look at the browser that probing would take. */
async function watchProbes(context: BrowserContext, signal?: 'dnt' | 'gpc'): Promise<void> {
  await context.addInitScript((kind) => {
    if (kind === 'gpc')
      Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', { get: () => true })
    if (kind === 'dnt') Object.defineProperty(Navigator.prototype, 'doNotTrack', { get: () => '1' })
    const looks: string[] = []
    Object.assign(globalThis, { looks })
    const original = HTMLCanvasElement.prototype.getContext
    HTMLCanvasElement.prototype.getContext = function (this: HTMLCanvasElement, ...args: unknown[]) {
      looks.push('canvas')
      return Reflect.apply(original, this, args)
    } as typeof original
    const audio = OfflineAudioContext.prototype.startRendering
    OfflineAudioContext.prototype.startRendering = function () {
      looks.push('audio')
      return audio.call(this)
    }
    const { setItem } = Storage.prototype
    Storage.prototype.setItem = function (...args) {
      looks.push('storage')
      setItem.apply(this, args)
    }
  }, signal)
}
const looksOf = (page: Page) => page.evaluate(() => (globalThis as { looks?: string[] }).looks ?? [])

test('posts device id and raw fingerprint, with cookies, and gives the server’s answer', async ({
  page,
  site,
}) => {
  await open(page, site, 'data-site-key="pk_test"')
  expect(
    site.requests.some(({ method }) => method === 'POST'),
    'nothing happens before the call',
  ).toBe(false)
  await page.evaluate(() => {
    // biome-ignore lint/suspicious/noDocumentCookie: Firefox and plain http have no Cookie Store.
    document.cookie = 'ha_session=here'
  })
  expect(await initialize(page)).toEqual(ANSWER)
  const [request] = posts(site)
  const body = bodyOf(request)
  expect(anonymousAuthRequestSchema.safeParse(body).error).toBeUndefined()
  expect(body.device_id).toMatch(/^[0-9a-f]{32}$/)
  expect(Object.keys(body.raw_fingerprint_data)).toEqual(
    expect.arrayContaining(['userAgent', 'screen', 'canvas', 'fonts']),
  )
  expect(request?.headers['x-site-key']).toBe('pk_test')
  expect(request?.headers.cookie).toContain('ha_session=here')
})

test('keeps its device id across visits, and takes that of the SDK where there is one', async ({
  page,
  site,
}) => {
  await open(page, site)
  await initialize(page)
  await page.reload()
  await initialize(page)
  await page.evaluate(() =>
    localStorage.setItem('helloagain_session_id_state', JSON.stringify({ deviceId: 'sdk-device' })),
  )
  await initialize(page)
  const [first, second, third] = posts(site).map((request) => bodyOf(request).device_id)
  expect(second).toBe(first)
  expect(third).toBe('sdk-device')
})

for (const signal of ['gpc', 'dnt'] as const) {
  test(`under ${signal.toUpperCase()} it looks at nothing, keeps nothing, and posts a passing device id without cookies`, async ({
    page,
    context,
    site,
  }) => {
    await watchProbes(context, signal)
    await open(page, site)
    await page.evaluate(() => {
      // biome-ignore lint/suspicious/noDocumentCookie: Firefox and plain http have no Cookie Store.
      document.cookie = 'ha_session=here'
    })
    expect(await initialize(page)).toEqual(ANSWER)
    await initialize(page)
    const [first, second] = posts(site)
    expect(Object.keys(bodyOf(first))).toEqual(['device_id'])
    expect(bodyOf(second).device_id).not.toBe(bodyOf(first).device_id)
    expect(first?.headers.cookie).toBeUndefined()
    expect(await looksOf(page)).toEqual([])
    expect(
      await page.evaluate(async () => [localStorage.length, (await indexedDB.databases()).length]),
    ).toEqual([0, 0])
    expect(await page.evaluate(() => UMSEnhanced.generateFingerprint())).toBeNull()
  })
}

test('without a signal the same watch sees the probes', async ({ page, context, site }) => {
  await watchProbes(context)
  await open(page, site)
  await initialize(page)
  expect(await looksOf(page)).toEqual(expect.arrayContaining(['canvas', 'audio', 'storage']))
})

test('after a refusal given to the SDK it asks nobody anything', async ({ page, site }) => {
  await open(page, site)
  await page.evaluate(() =>
    localStorage.setItem('helloagain_session_id_consent', JSON.stringify({ choice: 'denied' })),
  )
  expect(await initialize(page)).toMatchObject({ code: 'consent.denied' })
  expect(posts(site)).toEqual([])
})

test('a refusal erases the device id that was kept', async ({ page, site }) => {
  await open(page, site)
  await initialize(page)
  const kept = () => page.evaluate(() => localStorage.getItem('helloagain_session_id_device_id'))
  expect(await kept()).not.toBeNull()
  await page.evaluate(() =>
    UMSEnhanced.initializeEnhancedAnonymousAuth({ consent: 'denied' }).catch(() => undefined),
  )
  expect(await kept()).toBeNull()
})

test('refuses a secret key', async ({ page, site }) => {
  await open(page, site, 'data-site-key="sk_live_x"')
  expect(await initialize(page)).toMatchObject({ code: 'config.secret_key' })
  expect(posts(site)).toEqual([])
})

test('rejects with a clear error when the server refuses, answers nonsense or is down', async ({
  page,
  site,
}) => {
  const refused = { success: false, error: { code: 'rate.limited', message: 'Too many tries.' } }
  site.answers.set('/api/auth/anonymous', {
    type: 'application/json',
    body: JSON.stringify(refused),
    status: 429,
  })
  await open(page, site)
  expect(await initialize(page)).toEqual({
    code: 'request.failed',
    message: 'The server refused (429): Too many tries.',
  })
  site.answers.set('/api/auth/anonymous', { type: 'text/html', body: '<h1>It works!</h1>' })
  expect(await initialize(page)).toMatchObject({ code: 'request.failed' })

  const gone = await openSite()
  await gone.close()
  const rejection = page.evaluate(
    (endpoint) =>
      UMSEnhanced.initializeEnhancedAnonymousAuth({ endpoint }).catch((error: Error) => error.message),
    gone.origin,
  )
  expect(await rejection).toBe(`The server ${gone.origin} cannot be reached.`)
})

test('works where storage is forbidden', async ({ page, context, site }) => {
  await context.addInitScript(() => {
    Object.defineProperty(window, 'localStorage', {
      get() {
        throw new DOMException('no', 'SecurityError')
      },
    })
  })
  await open(page, site)
  expect(await initialize(page)).toEqual(ANSWER)
})

test('the fingerprint it generates is not that of another site', async ({ page, site }) => {
  const other = await openSite()
  await open(page, site)
  const here = await page.evaluate(() => UMSEnhanced.generateFingerprint({ timeBoundMs: 5000 }))
  await open(page, other)
  const there = await page.evaluate(() => UMSEnhanced.generateFingerprint({ timeBoundMs: 5000 }))
  await other.close()
  expect(here?.fingerprint_confidence).toBeGreaterThanOrEqual(60)
  expect(here?.raw_fingerprint_data).toEqual(there?.raw_fingerprint_data)
  expect(here?.fingerprint).not.toBe(there?.fingerprint)
})

test('stays small, and asks nobody else', () => {
  const sizeBytes = gzipSync(script, { level: 9 }).length
  console.log('ums-enhanced-fingerprint:', sizeBytes, 'bytes gz')
  expect(sizeBytes).toBeLessThan(16 * 1024)
  expect(script).not.toContain('openfpcdn')
})
