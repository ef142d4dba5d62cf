import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import puppeteer, { type Page } from 'puppeteer-core'
import { compare, type Outcome, type Visited } from './compare.ts'
import type { Place } from './place.ts'

/** How a Firefox is started: its own preferences, and the environment where those have no word for it. */
export interface Start {
  readonly name: string
  readonly prefs?: Readonly<Record<string, boolean | number | string>>
  readonly env?: Readonly<Record<string, string>>
  /** CSS pixels. */
  readonly window?: readonly [width: number, height: number]
}

const screenOf = (width: number, height: number) => ({
  MOZ_HEADLESS_WIDTH: `${width}`,
  MOZ_HEADLESS_HEIGHT: `${height}`,
})

const START: Start = {
  name: 'as before',
  prefs: { 'intl.accept_languages': 'es-ES, es' },
  env: { TZ: 'Europe/Madrid', ...screenOf(1920, 1080) },
}

const userAgent = (major: number) =>
  `Mozilla/5.0 (X11; Linux x86_64; rv:${major}.0) Gecko/20100101 Firefox/${major}.0`

/** The ten changes as Firefox can be told of them: no protocol emulates all, its own preferences do. */
export const FIREFOX_CHANGES: readonly Start[] = [
  { name: 'window resized', window: [1000, 640] },
  { name: 'dark mode', prefs: { 'layout.css.prefers-color-scheme.content-override': 0 } },
  { name: 'external monitor, 2560 × 1440', env: screenOf(2560, 1440) },
  { name: 'zoom, pixel ratio 1 → 1.25', prefs: { 'layout.css.devPixelsPerPx': '1.25' } },
  { name: 'travel, Madrid → New York', env: { TZ: 'America/New_York' } },
  { name: 'language, Spanish → English', prefs: { 'intl.accept_languages': 'en-GB, en' } },
  { name: 'browser update, 153 → 154', prefs: { 'general.useragent.override': userAgent(154) } },
  { name: 'touch screen attached', prefs: { 'dom.maxtouchpoints.testing.value': 5 } },
  { name: 'reduced motion', prefs: { 'ui.prefersReducedMotion': 1 } },
  { name: 'contrast theme (forced colours)', prefs: { 'browser.display.document_color_use': 2 } },
]

/** Not changes of the machine but of how much it shows. */
export const FIREFOX_MODES: readonly Start[] = [
  { name: 'private window', prefs: { 'browser.privatebrowsing.autostart': true } },
  { name: 'resistFingerprinting turned on', prefs: { 'privacy.resistFingerprinting': true } },
]

/** Firefox of this machine; undefined where there is none. */
export function findFirefox(): string | undefined {
  const { PATH = '', FIREFOX_PATH } = process.env
  const onPath = ['firefox-esr', 'firefox'].flatMap((name) =>
    PATH.split(delimiter).map((folder) => join(folder, name)),
  )
  const paths = FIREFOX_PATH ? [FIREFOX_PATH] : onPath
  return paths.find((path) => existsSync(path))
}

/** Visits by the SDK; where it observes nothing, as under Global Privacy Control, there is nothing to wait for. */
async function visitOurs(page: Page, url: string): Promise<string | undefined> {
  const answered = page.waitForResponse(
    async (response) =>
      response.url() === `${url}/api/sessions` && response.request().method() === 'POST' && response.ok(),
  )
  await page.goto(url)
  await answered
  await page.waitForNetworkIdle({ idleTime: 3000 })
  return page.evaluate(() => {
    const { HelloAgain } = globalThis as unknown as {
      HelloAgain: { sessionId?: string; consentMode: string; fingerprint(): string | undefined }
    }
    return HelloAgain.consentMode === 'recognition' && HelloAgain.fingerprint()
      ? HelloAgain.sessionId
      : undefined
  })
}

interface Started {
  readonly executablePath: string
  readonly start: Start
  readonly rivals: number
}

async function visitAll({ site }: Place, { executablePath, start, rivals }: Started): Promise<Visited> {
  const [width, height] = start.window ?? [1280, 720]
  const browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath,
    headless: true,
    env: { ...process.env, ...START.env, ...start.env },
    extraPrefsFirefox: { ...START.prefs, ...start.prefs },
    args: [`--width=${width}`, `--height=${height}`],
    // What the preferences say stands; nothing is laid over it.
    defaultViewport: null,
  })
  try {
    const sessionId = await visitOurs(await browser.newPage(), site.url)
    const ids: string[] = []
    while (ids.length < rivals) {
      const page = await browser.newPage()
      await page.goto(site.rivalUrl(ids.length))
      ids.push(
        await page.evaluate(async () => {
          const { observe } = globalThis as unknown as { observe(): Promise<{ hash: string }> }
          return (await observe()).hash
        }),
      )
    }
    return { sessionId, rivals: ids }
  } finally {
    await browser.close()
  }
}

/** A visitor comes back in a fresh profile of the same Firefox, from the same network, with one thing changed. */
export const returnInFirefox = (
  executablePath: string,
  place: Place,
  { start, rivals }: Pick<Started, 'rivals' | 'start'>,
): Promise<Outcome> =>
  compare(place, {
    before: () => visitAll(place, { executablePath, start: START, rivals }),
    after: () => visitAll(place, { executablePath, start, rivals }),
    isSameNetwork: true,
  })
