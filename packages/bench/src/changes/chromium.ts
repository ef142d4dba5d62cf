import type { Browser } from 'playwright-core'
import { compare, type Outcome, type Visited } from './compare.ts'
import type { Place } from './place.ts'
import { openProfile } from './profile.ts'
import { BEFORE, type Setup } from './ten-changes.ts'
import { askRival, visit } from './visit.ts'

interface Shown {
  readonly setup: Setup
  readonly rivals: number
}

async function visitAll(browser: Browser, { site }: Place, { setup, rivals }: Shown): Promise<Visited> {
  const profile = await openProfile(browser, setup)
  try {
    const sessionId = await visit(await profile.openPage(), site.url)
    const ids: string[] = []
    while (ids.length < rivals) ids.push(await askRival(await profile.openPage(), site.rivalUrl(ids.length)))
    return { sessionId, rivals: ids }
  } finally {
    await profile.close()
  }
}

export interface Return {
  readonly to: Partial<Setup>
  readonly rivals: number
  readonly isSameNetwork: boolean
}

/** A visitor comes back in a fresh profile of the same Chromium, with one thing changed. */
export const returnInChromium = (
  browser: Browser,
  place: Place,
  { to, rivals, isSameNetwork }: Return,
): Promise<Outcome> =>
  compare(place, {
    before: () => visitAll(browser, place, { setup: BEFORE, rivals }),
    after: () => visitAll(browser, place, { setup: { ...BEFORE, ...to }, rivals }),
    isSameNetwork,
  })
