import type { Page } from '@playwright/test'
import type { Row, Shop } from './shop.ts'

/** What `HelloAgain` offers to these stories; the shop's landing page has it by script tag. */
interface Tracker {
  track: (type: string, payload: { n: number }) => void
  stats(): { waiting: number; delivered: number; dropped: Record<string, number> }
}

export type Stats = ReturnType<Tracker['stats']>

/** Tracks the events `from` to `to - 1` in one task of the page. @returns the number of calls that threw */
export const trackBurst = (page: Page, from: number, to: number): Promise<number> =>
  page.evaluate(
    ([first, end]) => {
      const { track } = (globalThis as unknown as { HelloAgain: Tracker }).HelloAgain
      let thrown = 0
      for (let n = first; n < end; n += 1) {
        try {
          track('STORY_TOLD', { n })
        } catch {
          thrown += 1
        }
      }
      return thrown
    },
    [from, to] as const,
  )

export const readStats = (page: Page): Promise<Stats> =>
  page.evaluate(() => (globalThis as unknown as { HelloAgain: Tracker }).HelloAgain.stats())

/** The numbers of the story's events as the server stored them, in order; a number stored twice is there twice. */
export async function storedNumbers(shop: Shop): Promise<number[]> {
  const numbers = (await shop.rows('eventLogs')).flatMap(({ eventType, payload }: Row) =>
    eventType === 'STORY_TOLD' ? [payload?.n ?? -1] : [],
  )
  return numbers.sort((a, b) => a - b)
}

/** The numbers from 0 to `count - 1`. */
export const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n)
