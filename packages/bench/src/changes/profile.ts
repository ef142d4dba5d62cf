import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import type { Setup } from './ten-changes.ts'

const contextOptions = (setup: Setup): BrowserContextOptions => ({
  ...{ screen: size(setup.screen), viewport: size(setup.window) },
  ...{ deviceScaleFactor: setup.devicePixelRatio, hasTouch: setup.hasTouch },
  ...{ timezoneId: setup.timezone, locale: setup.language },
  colorScheme: setup.isDark ? 'dark' : 'light',
  reducedMotion: setup.reducesMotion ? 'reduce' : 'no-preference',
  forcedColors: setup.forcesColors ? 'active' : 'none',
})

const size = ([width, height]: readonly [number, number]) => ({ width, height })

/** What a Chrome of a major version says of itself, in the user agent and in client hints. */
function chromeOf(major: number) {
  const brands = [
    { brand: 'Google Chrome', version: `${major}` },
    { brand: 'Chromium', version: `${major}` },
    { brand: 'Not.A/Brand', version: '99' },
  ]
  return {
    userAgent: `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${major}.0.0.0 Safari/537.36`,
    userAgentMetadata: {
      ...{
        brands,
        fullVersionList: brands.map(({ brand, version }) => ({ brand, version: `${version}.0.0.0` })),
      },
      ...{ platform: 'Linux', platformVersion: '6.12.0', architecture: 'x86', model: '', mobile: false },
    },
  }
}

/** A fresh profile, nothing stored, that shows every page the same setup. */
export interface Profile {
  openPage(): Promise<Page>
  close(): Promise<void>
}

/** Canvas, audio and WebGL are the machine's own: nothing of them is made up, for us or for anybody. */
export async function openProfile(browser: Browser, setup: Setup): Promise<Profile> {
  const context: BrowserContext = await browser.newContext(contextOptions(setup))
  return {
    async openPage() {
      const page = await context.newPage()
      const devtools = await context.newCDPSession(page)
      const { userAgent, userAgentMetadata } = chromeOf(setup.browserMajor)
      const acceptLanguage = setup.language
      await devtools.send('Emulation.setUserAgentOverride', { userAgent, userAgentMetadata, acceptLanguage })
      return page
    },
    close: () => context.close(),
  }
}
