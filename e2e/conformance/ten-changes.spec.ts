import { type Browser, test as base, expect } from '@playwright/test'
import { returnInChromium } from '../../packages/bench/src/changes/chromium.ts'
import type { Outcome } from '../../packages/bench/src/changes/compare.ts'
import { type Crowd, gatherCrowd } from '../../packages/bench/src/changes/crowd.ts'
import { openPlace } from '../../packages/bench/src/changes/place.ts'
import { SOMEBODY_ELSE, TEN_CHANGES } from '../../packages/bench/src/changes/ten-changes.ts'

// The built SDK and the real server, in fresh profiles without cookie and storage; rivals are beside it in `pnpm bench changes`.
const PEOPLE = 150

const test = base.extend<object, { crowd: Crowd }>({
  crowd: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures a function needs from this pattern.
    async ({}, use) => {
      const crowd = await gatherCrowd(PEOPLE)
      await use(crowd)
      await crowd.close()
    },
    { scope: 'worker' },
  ],
})

/** A visitor, and whoever comes three days later from `isSameNetwork` or another network. */
async function comeBack(
  browser: Browser,
  crowd: Crowd,
  { to, isSameNetwork }: { to: object; isSameNetwork: boolean },
): Promise<Outcome> {
  // This Chromium says that it is driven.
  const place = await openPlace({ crowd, recogniseBots: true })
  try {
    return await returnInChromium(browser, place, { to, isSameNetwork, rivals: 0 })
  } finally {
    await place.close()
  }
}

for (const { name, to } of TEN_CHANGES) {
  test(`recognises a visitor after one change: ${name}`, async ({ browser, crowd }) => {
    const { isRight, verdict } = await comeBack(browser, crowd, { to, isSameNetwork: true })
    expect(verdict?.decision?.method).toMatch(/^fingerprint_/)
    expect(isRight, 'it is the visitor of before').toBe(true)
  })
}

test('does not take another machine for the one before', async ({ browser, crowd }) => {
  const { isRight, verdict } = await comeBack(browser, crowd, { to: SOMEBODY_ELSE, isSameNetwork: false })
  expect(verdict?.decision, 'it was observed and judged').toBeTruthy()
  expect(isRight).toBe(false)
  expect(verdict?.isLinkable).toBe(false)
})
