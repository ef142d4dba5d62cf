import { gzipSync } from 'node:zlib'
import type { Browser, Page } from '@playwright/test'
import type { Observation, ObserveOptions } from '../../packages/browser/src/probes.ts'
import { calculateFingerprintConfidence } from '../../packages/recognition/src/confidence.ts'
import {
  addressesAskedDuring,
  bundleScript,
  expect,
  openSite,
  serveHtml,
  test,
} from './support-fingerprint.ts'

declare const HelloAgainProbes: { observeFingerprint(options: ObserveOptions): Promise<Observation> }

/** An observation, and how good the server finds it. */
type Rated = Observation & { confidence: number }

let script = ''
test.beforeAll(async () => {
  script = await bundleScript('probes.ts', 'HelloAgainProbes')
})

async function load(page: Page, origin: string): Promise<void> {
  await page.goto(origin)
  await page.addScriptTag({ content: script })
}

// A generous bound: these tests judge what is observed, not how fast a busy machine is.
const observe = async (page: Page, options: Partial<ObserveOptions> = {}): Promise<Rated> => {
  const observation = await page.evaluate((asked) => HelloAgainProbes.observeFingerprint(asked), {
    salt: 'site-a',
    timeBoundMs: 5000,
    ...options,
  })
  return { ...observation, confidence: calculateFingerprintConfidence(observation.signals, observation) }
}

async function observeInFreshProfile(browser: Browser, origin: string): Promise<Rated> {
  const context = await browser.newContext()
  const page = await context.newPage()
  await load(page, origin)
  const observation = await observe(page)
  await context.close()
  return observation
}

test('is the same after a reload and in a fresh profile', async ({ page, site, browser }) => {
  await load(page, site.origin)
  const first = await observe(page)
  expect(first.partial).toBe(false)
  expect(first.hash).toMatch(/^[0-9a-f]{32}$/)
  await page.reload()
  await page.addScriptTag({ content: script })
  expect((await observe(page)).hash).toBe(first.hash)
  expect((await observeInFreshProfile(browser, site.origin)).hash).toBe(first.hash)
})

test('differs between two sites', async ({ page, site }) => {
  await load(page, site.origin)
  const [here, there] = [await observe(page), await observe(page, { salt: 'site-b' })]
  expect(there.hash).not.toBe(here.hash)
  expect(there.signals).toEqual(here.signals)
})

test('observes enough for the documents’ rule, without a GPU', async ({ page, site }) => {
  await load(page, site.origin)
  const { confidence, signals, unstable } = await observe(page)
  expect(confidence).toBeGreaterThanOrEqual(60)
  expect(confidence).toBeLessThanOrEqual(100)
  expect(unstable).toBeUndefined()
  expect(Object.keys(signals ?? {})).toEqual(
    expect.arrayContaining([
      'canvas',
      'audio',
      'fonts',
      'screen',
      'timezone',
      'languages',
      'platform',
      'userAgent',
    ]),
  )
  const screen = signals?.['screen'] as number[]
  expect(screen.map((side) => side % 50)).toEqual([0, 0])
})

test('a tiny time bound gives a partial, usable result', async ({ page, site }) => {
  await load(page, site.origin)
  const full = await observe(page)
  const { hash, partial, confidence } = await observe(page, { timeBoundMs: 0 })
  expect(partial).toBe(true)
  expect(hash).toMatch(/^[0-9a-f]{32}$/)
  expect(confidence).toBeLessThan(full.confidence)
})

test('answers in time where a probe never does', async ({ page, site }) => {
  await page.addInitScript(() => {
    OfflineAudioContext.prototype.startRendering = () => new Promise(() => undefined)
  })
  await load(page, site.origin)
  const { partial, confidence, signals } = await observe(page, { timeBoundMs: 400 })
  expect(partial).toBe(true)
  expect(signals).not.toHaveProperty('audio')
  expect(confidence).toBeGreaterThan(0)
})

test('noise on the canvas is found, named and lowers the confidence', async ({ page, site, browser }) => {
  const clean = await observeInFreshProfile(browser, site.origin)
  await page.addInitScript(() => {
    const original = HTMLCanvasElement.prototype.toDataURL
    HTMLCanvasElement.prototype.toDataURL = function (...args) {
      return `${original.apply(this, args)}${Math.random()}`
    }
  })
  await load(page, site.origin)
  const noisy = await observe(page)
  expect(noisy.unstable).toEqual(['canvas', 'canvasText'])
  expect(noisy.signals).not.toHaveProperty('canvas')
  expect(noisy.confidence).toBeLessThan(clean.confidence)
  await page.reload()
  await page.addScriptTag({ content: script })
  expect((await observe(page)).hash, 'noise does not reach the hash').toBe(noisy.hash)
})

test('noise that repeats itself within a session is found too', async ({ page, site }) => {
  await page.addInitScript(() => {
    const original = CanvasRenderingContext2D.prototype.getImageData
    CanvasRenderingContext2D.prototype.getImageData = function (...args) {
      const image = original.apply(this, args)
      image.data[7] = (image.data[7] ?? 0) ^ 1
      image.data[9] = (image.data[9] ?? 0) ^ 1
      return image
    }
  })
  await load(page, site.origin)
  expect((await observe(page)).unstable).toContain('canvas')
})

test('a mark that the browser puts into the file of a drawing is found, as Firefox does it', async ({
  page,
  site,
}) => {
  await page.addInitScript(() => {
    const original = HTMLCanvasElement.prototype.toDataURL
    HTMLCanvasElement.prototype.toDataURL = function (...args) {
      const [head = '', file = ''] = original.apply(this, args).split(',')
      // A chunk before the last one, IEND: length, name, 16 digits, checksum.
      const chunk = '\0\0\0\x10deBG4143463244373141\0\0\0\0'
      return `${head},${btoa(atob(file).replace(/\0{4}IEND/, (end) => chunk + end))}`
    }
  })
  await load(page, site.origin)
  expect((await observe(page)).unstable).toEqual(['canvas', 'canvasText'])
})

test('noise on audio that changes by the reading is found', async ({ page, site }) => {
  await page.addInitScript(() => {
    const original = AudioBuffer.prototype.getChannelData
    AudioBuffer.prototype.getChannelData = function (channel) {
      return original.call(this, channel).map((sample) => sample + Math.random() * 1e-6)
    }
  })
  await load(page, site.origin)
  expect((await observe(page)).unstable).toEqual(['audio'])
})

test('the confidence falls with each source that is taken away, and none of it throws', async ({
  browser,
  site,
}) => {
  const stubs: Record<string, () => void> = {
    audio: () => Reflect.deleteProperty(globalThis, 'OfflineAudioContext'),
    canvas: () => {
      HTMLCanvasElement.prototype.toDataURL = () => {
        throw new Error('blocked')
      }
    },
    webgl: () => {
      const original = HTMLCanvasElement.prototype.getContext
      HTMLCanvasElement.prototype.getContext = function (this: HTMLCanvasElement, kind: string) {
        return kind === '2d' ? original.call(this, '2d') : null
      } as typeof original
    },
    fonts: () => {
      CanvasRenderingContext2D.prototype.measureText = () => {
        throw new Error('blocked')
      }
    },
  }
  let before = (await observeInFreshProfile(browser, site.origin)).confidence
  const context = await browser.newContext()
  for (const [name, stub] of Object.entries(stubs)) {
    await context.addInitScript(stub)
    const page = await context.newPage()
    await load(page, site.origin)
    const { confidence, signals } = await observe(page)
    expect(signals, name).not.toHaveProperty(name)
    // A machine without any of the telling fonts has nothing to lose there.
    if (name === 'fonts') expect(confidence, name).toBeLessThanOrEqual(before)
    else expect(confidence, name).toBeLessThan(before)
    before = confidence
    await page.close()
  }
  expect(before, 'without device evidence').toBeLessThan(60)
  await context.close()
})

test('a browser that tells two systems at once is believed less', async ({ browser, site }) => {
  const honest = await observeInFreshProfile(browser, site.origin)
  const context = await browser.newContext({
    userAgent: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/156.0.0.0 Safari/537.36',
  })
  const page = await context.newPage()
  await load(page, site.origin)
  expect((await observe(page)).confidence).toBeLessThan(honest.confidence)
  await context.close()
})

test('asks no host for anything, and leaves page and storage as they were', async ({ page, site }) => {
  await load(page, site.origin)
  const before = await page.content()
  const asked = await addressesAskedDuring(page, () => observe(page))
  expect(asked).toEqual([])
  expect(await page.content()).toBe(before)
  expect(await page.evaluate(() => [localStorage.length, sessionStorage.length, document.cookie])).toEqual([
    0,
    0,
    '',
  ])
  expect(await page.evaluate(async () => (await indexedDB.databases()).length)).toBe(0)
})

test('runs under a strict content security policy, without a report', async ({ browser }) => {
  const site = await openSite()
  site.answers.set('/probes.js', { type: 'text/javascript', body: script })
  serveHtml(
    site,
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'self'"><script src="/probes.js"></script>`,
  )
  const context = await browser.newContext()
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(error.message))
  await page.goto(site.origin)
  expect((await observe(page)).confidence).toBeGreaterThanOrEqual(60)
  expect(complaints.filter((text) => !text.includes('favicon'))).toEqual([])
  await context.close()
  await site.close()
})

test('gives the page its turn between probes, and misses none when there is time', async ({ page, site }) => {
  await page.goto(site.origin)
  const observed = await page.evaluate(async (code) => {
    const element = document.createElement('script')
    element.textContent = code
    document.head.append(element)
    let turns = 0
    let isOver = false
    const tick = () => {
      turns += 1
      if (!isOver) setTimeout(tick, 0)
    }
    tick()
    const report = await HelloAgainProbes.observeFingerprint({ salt: 's', timeBoundMs: 5000 })
    isOver = true
    return { turns, partial: report.partial }
  }, script)
  expect(observed.partial).toBe(false)
  // One block would leave none but the first; how long each slice takes is measured by `pnpm bench sdk`.
  expect(observed.turns).toBeGreaterThan(5)
})

test('the script stays small and holds no telemetry of its vendor', () => {
  expect(gzipSync(script, { level: 9 }).length).toBeLessThan(16 * 1024)
  expect(script).not.toContain('openfpcdn')
  expect(script).not.toContain('XMLHttpRequest')
})
