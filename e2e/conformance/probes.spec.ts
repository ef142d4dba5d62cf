import type { BrowserContext, Page } from '@playwright/test'
import { SIGNAL_NAMES } from '../../packages/recognition/src/index.ts'
import { normalizeSignals } from '../../packages/recognition/src/normalize-signals.ts'
import { expect, type Site, test } from './support-fingerprint.ts'
import { answerSessions, openings, partsAsked, serveSdk } from './support-sdk.ts'

// When the probes of the built SDK run, what each of them reads, and what is touched where they may not.

/** Everything the probes read or draw with, watched from before the first script of the page. */
async function watch(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const touched: string[] = []
    Object.assign(globalThis, { touched })
    const note = (name: string) => void (touched.includes(name) || touched.push(name))
    const watchMember = (owner: object, name: string) => {
      const member = Object.getOwnPropertyDescriptor(owner, name)
      if (!member) throw new Error(`Nothing to watch: ${name}`)
      const { value, get } = member
      Object.defineProperty(owner, name, {
        ...member,
        ...(get && {
          get(this: unknown) {
            note(name)
            return get.call(this)
          },
        }),
        ...(typeof value === 'function' && {
          value: new Proxy(value, {
            apply(target, self, args) {
              note(name)
              return Reflect.apply(target, self, args)
            },
            construct(target, args, made) {
              note(name)
              return Reflect.construct(target, args, made)
            },
          }),
        }),
      })
    }
    const members: [object, string[]][] = [
      [HTMLCanvasElement.prototype, ['getContext', 'toDataURL', 'toBlob']],
      [CanvasRenderingContext2D.prototype, ['measureText', 'getImageData', 'fillText']],
      [WebGLRenderingContext.prototype, ['getParameter', 'getSupportedExtensions']],
      [globalThis, ['OfflineAudioContext', 'AudioContext', 'matchMedia', 'devicePixelRatio']],
      [Screen.prototype, ['width', 'height', 'colorDepth']],
      [Navigator.prototype, ['userAgent', 'platform', 'languages', 'hardwareConcurrency', 'deviceMemory']],
      [Navigator.prototype, ['maxTouchPoints', 'plugins', 'vendor', 'userAgentData', 'webdriver']],
      [Navigator.prototype, ['pdfViewerEnabled', 'cookieEnabled']],
      [Intl, ['DateTimeFormat']],
      [Storage.prototype, ['getItem', 'setItem', 'key']],
      [IDBFactory.prototype, ['open']],
    ]
    for (const [owner, names] of members) for (const name of names) watchMember(owner, name)
  })
}

const touchedOn = (page: Page): Promise<string[]> =>
  page.evaluate(() => (globalThis as unknown as { touched: string[] }).touched)

const stored = (page: Page) =>
  page.evaluate(async () => [
    ...Object.keys(localStorage),
    ...Object.keys(sessionStorage),
    ...(await indexedDB.databases()).map(({ name }) => name),
    document.cookie,
  ])

/** All that the page loads when it is idle has been asked for. */
const whenAllLoaded = (site: Site) => expect.poll(() => partsAsked(site)).toContain('extras')

test.beforeEach(({ site }) => answerSessions(site))

const SIGNALS: [string, string, string][] = [
  ['Global Privacy Control', 'globalPrivacyControl', 'true'],
  ['Do Not Track', 'doNotTrack', '"1"'],
]
// A busy machine takes longer than visitors are kept waiting, and then some probes are left out.
const PATIENT = 'data-time-bound-ms="5000"'

for (const [name, member, value] of SIGNALS) {
  test(`under ${name} no probe is loaded, nothing it would read is touched, nothing is stored`, async ({
    page,
    context,
    site,
  }) => {
    await watch(context)
    await context.addInitScript(`Object.defineProperty(navigator, '${member}', { value: ${value} })`)
    // Also where the server would allow it: what the browser says counts.
    serveSdk(site, 'data-consent="granted"')
    await page.goto(site.origin)
    await expect.poll(() => openings(site).length).toBe(1)
    await whenAllLoaded(site)
    await page.waitForLoadState('networkidle')
    expect(openings(site)[0]?.consent).toEqual({ choice: 'granted', optOutSignal: true })
    expect(partsAsked(site)).not.toContain('probes')
    expect(await touchedOn(page)).toEqual([])
    expect(await stored(page)).toEqual([''])
  })
}

test('after a refusal no probe is loaded and nothing is touched or asked', async ({
  page,
  context,
  site,
}) => {
  await watch(context)
  serveSdk(site, 'data-consent="denied"')
  await page.goto(site.origin)
  await whenAllLoaded(site)
  await page.waitForLoadState('networkidle')
  expect(partsAsked(site)).toEqual(['extras'])
  expect(openings(site)).toEqual([])
  expect(await touchedOn(page)).toEqual([])
  expect(await stored(page)).toEqual([''])
})

test('with consent the same watch sees the probes at work', async ({ page, context, site }) => {
  await watch(context)
  serveSdk(site, PATIENT)
  await page.goto(site.origin)
  await expect.poll(() => openings(site).length).toBe(2)
  const seen = ['getContext', 'toDataURL', 'measureText', 'OfflineAudioContext', 'matchMedia', 'plugins']
  expect(await touchedOn(page)).toEqual(expect.arrayContaining([...seen, 'userAgentData', 'setItem', 'open']))
})

test('a first visit is observed once; one that a cookie proves loads no probe', async ({
  page,
  context,
  site,
}) => {
  serveSdk(site, PATIENT)
  await page.goto(site.origin)
  await expect.poll(() => openings(site)[1]?.fingerprint?.hash).toMatch(/^[0-9a-f]{32}$/)
  answerSessions(site, { recognition: { method: 'cookie', isReturning: true, confidence: 100 } })
  await page.close()
  site.requests.length = 0
  // Another tab: it opens the session anew.
  const later = await context.newPage()
  await watch(context)
  await later.goto(site.origin)
  await whenAllLoaded(site)
  await later.waitForLoadState('networkidle')
  expect(openings(site)).toHaveLength(1)
  expect(openings(site)[0]).not.toHaveProperty('fingerprint')
  expect(partsAsked(site)).not.toContain('probes')
  expect(await touchedOn(later)).not.toContain('getContext')
})

test.describe('what each probe reads', () => {
  test.use({
    ...{ locale: 'de-DE', timezoneId: 'Asia/Tokyo', deviceScaleFactor: 2, hasTouch: true },
    ...{ screen: { width: 1440, height: 900 }, viewport: { width: 1200, height: 700 } },
    contextOptions: { reducedMotion: 'reduce', forcedColors: 'active', contrast: 'more' },
  })

  test('is what the browser shows', async ({ page, site }) => {
    serveSdk(site, PATIENT)
    await page.goto(site.origin)
    await expect.poll(() => openings(site).length).toBe(2)
    const signals = openings(site)[1]?.fingerprint?.signals ?? {}
    const shown = await page.evaluate(() => ({
      platform: navigator.platform,
      colorDepth: screen.colorDepth,
      hardwareConcurrency: navigator.hardwareConcurrency,
      deviceMemory: (navigator as { deviceMemory?: number }).deviceMemory,
      vendor: navigator.vendor,
      plugins: [...navigator.plugins].map(({ name }) => name),
      cookiesEnabled: navigator.cookieEnabled,
      pdfViewer: navigator.pdfViewerEnabled,
      webdriver: navigator.webdriver,
      userAgent: navigator.userAgent,
    }))
    expect(signals).toMatchObject(normalizeSignals(shown))
    expect(signals).toMatchObject({
      ...{ languages: ['de-DE'], timezone: 'Asia/Tokyo', devicePixelRatio: 2, screen: [1450, 900] },
      ...{ touchPoints: 1, reducedMotion: true, forcedColors: true, contrast: 'more', hdr: false },
      ...{ colorGamut: 'srgb', reducedTransparency: false, protection: 'none', uaPlatform: 'Linux' },
    })
    for (const name of ['canvas', 'canvasText', 'webgl'])
      expect(signals[name] ?? '0'.repeat(16)).toMatch(/^[0-9a-f]{16}$/)
    expect(Number(signals['audio'])).toBeGreaterThan(100)
    expect(Array.isArray(signals['fonts'])).toBe(true)
    // What is read by the server alone, what only Safari or a telephone says, and what needs WebGL.
    const absent = [
      'acceptEncoding',
      'doNotTrack',
      'networkPrefix',
      'timezoneOffset',
      'invertedColors',
      'model',
    ]
    const maybe = ['gpuVendor', 'gpuRenderer', 'webgl', 'architecture', 'uaPlatformVersion']
    const read = Object.keys(signals).filter((name) => !maybe.includes(name))
    expect(read.sort()).toEqual(SIGNAL_NAMES.filter((name) => ![...absent, ...maybe].includes(name)).sort())
  })
})
