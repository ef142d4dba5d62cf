import type { Browser, BrowserContext, Page } from 'playwright-core'
import { type Collector, startCollector } from './collector.ts'
import { type Contender, isOurs } from './contenders.ts'
import { type HelloAgain, startHelloAgain } from './hello-again.ts'
import { ourTag, rivalTag, type Site, startSite } from './site.ts'

/** A site, its collector and a real server behind it, used by one cell of the table at a time. */
export interface Lane {
  readonly browser: Browser
  readonly site: Site
  readonly collector: Collector
  readonly helloAgain: HelloAgain
  close(): Promise<void>
}

export async function openLane(browser: Browser): Promise<Lane> {
  const site = await startSite()
  const collector = await startCollector()
  const helloAgain = await startHelloAgain(site.url)
  return {
    browser,
    site,
    collector,
    helloAgain,
    async close() {
      site.close()
      collector.close()
      await helloAgain.stop()
    },
  }
}

/** Puts an SDK on the lane's site, and its server behind the collector. */
export function equip({ site, collector, helloAgain }: Lane, contender: Contender, cell: number): void {
  const hasOurs = isOurs(contender)
  const tag = hasOurs ? ourTag(collector.url, helloAgain.siteKey) : rivalTag(collector.url)
  site.carry(tag, contender.script)
  collector.mode = 'up'
  collector.arrivals.length = 0
  collector.upstream = hasOurs ? helloAgain.url : undefined
  collector.visitorAddress = `198.51.100.${cell % 250}`
}

/** A browser profile of its own, as headed Chromium shows itself: several SDKs drop what robots do. */
export async function openProfile(browser: Browser): Promise<BrowserContext> {
  const [major] = browser.version().split('.')
  const context = await browser.newContext({
    userAgent: `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${major}.0.0.0 Safari/537.36`,
  })
  // The browser stays open when the visitor's tab is closed.
  await context.newPage()
  return context
}

/** The page's own `track`, for each marker; then away to `leaveTo`, in the same task. */
export const trackAll = (page: Page, markers: readonly string[], leaveTo?: string): Promise<void> =>
  page.evaluate(
    ([all, address]) => {
      const { track } = globalThis as unknown as { track(marker: string): unknown }
      for (const marker of all) void track(marker)
      if (address !== undefined) location.href = address
    },
    [markers, leaveTo] as const,
  )
