import type { Browser } from 'playwright-core'
import { startServer } from '../../../../server/src/testing/start-server.ts'
import { type Finding, median } from '../measure.ts'
import { launchChromium } from './browser.ts'
import { type PageServer, servePages } from './page.ts'
import { measureSizes } from './size.ts'

const ROUNDS = 15
const MOST_DELAY_MS = 5

interface Visit {
  readonly firstRequestMs: number
  readonly longTasks: readonly number[]
}

interface Measured {
  readonly first: Promise<number>
  readonly longTasks: number[]
}

/** One load of a page in a context that has been there before, so that an identity is cached. */
async function visit(browser: Browser, pages: PageServer, path: '/with' | '/without'): Promise<Visit> {
  const context = await browser.newContext()
  try {
    const page = await context.newPage()
    await page.goto(`${pages.url}${path}`)
    await page.waitForLoadState('networkidle')
    await page.goto(`${pages.url}${path}`)
    await page.waitForLoadState('networkidle')
    return await page.evaluate(async () => {
      const { first, longTasks } = globalThis as unknown as Measured
      return { firstRequestMs: await first, longTasks }
    })
  } finally {
    await context.close()
  }
}

async function alternate(browser: Browser, pages: PageServer): Promise<{ bare: Visit[]; ours: Visit[] }> {
  const visits = { bare: [] as Visit[], ours: [] as Visit[] }
  for (let round = 0; round < ROUNDS; round += 1) {
    visits.bare.push(await visit(browser, pages, '/without'))
    visits.ours.push(await visit(browser, pages, '/with'))
  }
  return visits
}

async function measurePages(browser: Browser): Promise<Finding[]> {
  const server = await startServer()
  const pages = await servePages(server.url)
  await server.sites.addOrigin('default', pages.url)
  try {
    const { bare, ours } = await alternate(browser, pages)
    const first = (visits: Visit[]) => median(visits.map(({ firstRequestMs }) => firstRequestMs))
    const delayMs = first(ours) - first(bare)
    // A page without the SDK can have a long task of its own on a busy machine: only what comes on top counts.
    const count = (visits: Visit[]) => visits.reduce((sum, { longTasks }) => sum + longTasks.length, 0)
    const added = count(ours) - count(bare)
    return [
      {
        what: `long tasks (> 50 ms) on load, ${ROUNDS} visits with the SDK / without`,
        value: `${count(ours)} / ${count(bare)}`,
        bar: 'none added',
        isReached: added <= 0,
      },
      {
        what: "the page's own first request, later with a cached identity by",
        value: `${delayMs.toFixed(2)} ms`,
        bar: `≤ ${MOST_DELAY_MS} ms`,
        isReached: delayMs <= MOST_DELAY_MS,
      },
    ]
  } finally {
    pages.close()
    await server.close()
  }
}

/** Sizes of what a page loads, and what loading it costs the page, in real Chromium. */
export async function benchSdk(): Promise<Finding[]> {
  const browser = await launchChromium()
  try {
    return [...measureSizes(), ...(await measurePages(browser))]
  } finally {
    await browser.close()
  }
}
