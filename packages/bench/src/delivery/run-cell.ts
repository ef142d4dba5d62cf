import { setTimeout as sleep } from 'node:timers/promises'
import type { BrowserContext, Page } from 'playwright-core'
import type { Contender } from './contenders.ts'
import type { Exit } from './exits.ts'
import { equip, type Lane, openProfile, trackAll } from './lane.ts'
import { EVENTS, openLedger } from './ledger.ts'
import { markerOf } from './read-events.ts'

/** What became of the 20 events of one visit. */
export interface Outcome {
  /** Kept before the visitor came back. */
  readonly keptAtExit: number
  /** Kept in the end. */
  readonly kept: number
  /** Copies on the wire beyond the first of each. */
  readonly resent: number
  /** Copies stored beyond the first of each. */
  readonly storedTwice: number
}

export interface Cell {
  readonly contender: Contender
  readonly exit: Exit
  /** Never here before: no identity, nothing in the cache, and the exit as soon as `track` is there. */
  readonly isFirstVisit: boolean
  /** Counts the cells of the whole bench. */
  readonly number: number
  /** Counts the runs of the same cell. */
  readonly run: number
}

/** Nothing new for so long, and it is taken for all. */
const QUIET_MS = 2000
const LOOK_EVERY_MS = 100

interface Watch {
  /** Goes up with whatever arrives. */
  count(): number
  isDone(): boolean
  /** Given up after this when it is not done. */
  atMostMs: number
}

/** Waits until it is done or given up, and nothing more arrives. */
async function settle({ count, isDone, atMostMs }: Watch): Promise<void> {
  const startedAtMs = performance.now()
  let changedAtMs = startedAtMs
  for (let seen = count(); ; ) {
    await sleep(LOOK_EVERY_MS)
    const nowMs = performance.now()
    if (count() !== seen) {
      seen = count()
      changedAtMs = nowMs
    }
    const isOver = isDone() || nowMs - startedAtMs >= atMostMs
    if (isOver && nowMs - changedAtMs >= QUIET_MS) return
  }
}

/** Opens the site and lets its SDK do what it does on a visit; ours has the answer of its server then. */
async function openSite(context: BrowserContext, url: string): Promise<Page> {
  const page = await context.newPage()
  await page.goto(url, { waitUntil: 'networkidle' })
  await page.waitForFunction('globalThis.isKnown?.() !== false')
  return page
}

async function openFirstEver(context: BrowserContext, url: string): Promise<Page> {
  const page = await context.newPage()
  await page.goto(url, { waitUntil: 'domcontentloaded' })
  return page
}

async function openAgain(context: BrowserContext, url: string): Promise<Page> {
  await (await openSite(context, url)).close()
  return openSite(context, url)
}

/** One visitor tracks 20 events, leaves, comes back in the same profile, and tracks one more. */
export async function runCell(lane: Lane, cell: Cell): Promise<Outcome> {
  const { contender, exit, isFirstVisit, number, run } = cell
  const { site, collector } = lane
  equip(lane, contender, number)
  const ledger = openLedger(lane, contender, number)
  const context = await openProfile(lane.browser)
  try {
    const page = await (isFirstVisit ? openFirstEver : openAgain)(context, site.url)
    const seen = await exit({ lane, page, markers: ledger.markers, run })
    if (!seen) await sleep(QUIET_MS / 2)
    const keptAtExit = ledger.countKept()
    const back = seen ?? (await context.newPage())
    if (!seen) await back.goto(site.url)
    await trackAll(back, [markerOf(number, EVENTS)])
    await settle({
      count: () => collector.arrivals.length,
      isDone: () => ledger.countKept() === EVENTS,
      atMostMs: contender.reclaimMs,
    })
    return {
      keptAtExit,
      kept: ledger.countKept(),
      resent: ledger.countResent(),
      storedTwice: ledger.countStoredTwice(),
    }
  } finally {
    await context.close()
  }
}
