import { setTimeout as sleep } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { type Lane, trackAll } from './lane.ts'

/** What the visitor has in front of him, and what he is about to track. */
export interface Scene {
  readonly lane: Lane
  readonly page: Page
  readonly markers: readonly string[]
  /** Which of the runs of this cell it is, from 0. */
  readonly run: number
}

/** Tracks the 20 events and leaves. @returns the page of the site the visitor then sees; undefined when he is gone */
export type Exit = (scene: Scene) => Promise<Page | undefined>

const OUTAGE_MS = 4000
const GONE_MS = 1500
/** Long enough offline for whatever is kept to be kept: how fast that is, the exits before show. */
const STAYS_OFFLINE_MS = 1000

/** To another page of the site and to another site, in turn. */
async function navigate({ lane: { site }, page, markers, run }: Scene): Promise<Page | undefined> {
  const isWithin = run % 2 === 1
  const address = `${isWithin ? site.url : site.elsewhereUrl}/next`
  await Promise.all([
    page.waitForURL(address),
    // The page may be gone before it can say that it has tracked.
    trackAll(page, markers, address).catch(() => undefined),
  ])
  return isWithin ? page : undefined
}

/** As a click on the tab's cross: Target.closeTarget, with `visibilitychange` and `pagehide` in the page. */
async function closeAtOnce({ page, markers }: Scene): Promise<undefined> {
  await trackAll(page, markers)
  await page.close()
}

async function closeSoon({ page, markers }: Scene): Promise<undefined> {
  await trackAll(page, markers)
  await sleep(300)
  await page.close()
}

async function failAndReload({ lane: { collector }, page, markers }: Scene): Promise<Page> {
  collector.mode = 'failing'
  await trackAll(page, markers)
  await sleep(OUTAGE_MS)
  collector.mode = 'up'
  await page.reload()
  return page
}

async function closeOffline({ lane: { collector }, page, markers }: Scene): Promise<undefined> {
  const context = page.context()
  // Both: Chromium forgets its emulation with the tab, and a beacon sent then would get through.
  collector.mode = 'offline'
  await context.setOffline(true)
  await trackAll(page, markers)
  await sleep(STAYS_OFFLINE_MS)
  await page.close()
  await sleep(GONE_MS)
  await context.setOffline(false)
  collector.mode = 'up'
}

/**
 * The renderer dies in the very task of the last `track`: it tells that it has tracked, and never returns from there.
 * Page.crash is heard even so; sent beforehand it would be heard before the script.
 */
async function crash({ page, markers }: Scene): Promise<undefined> {
  const devtools = await page.context().newCDPSession(page)
  const expression = `for (const marker of ${JSON.stringify(markers)}) track(marker); console.log('tracked'); for (;;);`
  const crashed = page.waitForEvent('crash')
  const tracked = page.waitForEvent('console', (message) => message.text() === 'tracked')
  // Neither call is ever answered.
  devtools.send('Runtime.evaluate', { expression }).catch(() => undefined)
  await tracked
  devtools.send('Page.crash').catch(() => undefined)
  await crashed
  await page.close()
}

/** The exits a visitor can take, in the order of the table. */
export const EXITS: Readonly<Record<string, Exit>> = {
  'navigate at once': navigate,
  'tab closed at once': closeAtOnce,
  'tab closed after 300 ms': closeSoon,
  'collector 500 for 4 s, reload': failAndReload,
  'tab closed offline': closeOffline,
  'renderer killed': crash,
}
