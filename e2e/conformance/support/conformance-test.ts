import { test as base, expect, type Page } from '@playwright/test'
import { bundlePageEntry } from './bundle.ts'
import type { Received } from './two-origins.ts'
import { openTwoOrigins, serveWorker, type TwoOrigins } from './two-origins.ts'

export const SESSION_ID = '018f3f5e-7a3c-7b1e-9c51-2f0a6d4b8e90'
export const FINGERPRINT = '0123456789abcdef0123456789abcdef'
export const OURS = ['x-session-id', 'x-device-fingerprint', 'authorization'] as const

export interface Addresses {
  home: string
  other: string
}

/** What the app saw of its call: an outcome that can be compared between a native and an intercepted page. */
export interface Outcome {
  /** The call itself threw instead of returning a promise. */
  threw?: string
  rejected?: string
  resolved?: unknown
}

export interface SideBySide {
  native: Outcome
  intercepted: Outcome
}

type InPage<T> = (addresses: Addresses) => T

interface Fixtures {
  /** Adresses of both origins, as the functions that run in the page receive them. */
  addresses: Addresses
  /** A page of the home origin with the script loaded and nothing intercepted. */
  bare: Page
  /** A page of the home origin with a session, a fingerprint, and `fetch` and XHR intercepted. */
  shop: Page
  /** Runs one function in an untouched page and in an intercepted one. */
  sideBySide: (work: InPage<unknown>) => Promise<SideBySide>
}

interface WorkerFixtures {
  origins: TwoOrigins
  script: string
}

async function openPage(page: Page, { origins, script }: WorkerFixtures): Promise<void> {
  await page.goto(`${origins.home.origin}/page`)
  await page.addScriptTag({ content: script })
}

export async function intercept(page: Page): Promise<void> {
  await page.evaluate(
    ({ sessionId, fingerprint }) => {
      Object.assign(conformance.identity, { sessionId, fingerprint })
      const policy = conformance.createPolicy()
      conformance.interceptFetch(policy)
      conformance.interceptXhr(policy)
      Object.assign(globalThis, { policy })
    },
    { sessionId: SESSION_ID, fingerprint: FINGERPRINT },
  )
}

/** Runs inside the page: turns what a call does into plain data. */
function observeOutcome({ source, addresses }: { source: string; addresses: Addresses }): Promise<Outcome> {
  const words = (error: unknown) =>
    error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  const work = new Function(`return (${source})`)() as InPage<unknown>
  try {
    return Promise.resolve(work(addresses)).then(
      (resolved) => ({ resolved }),
      (error) => ({ rejected: words(error) }),
    )
  } catch (error) {
    return Promise.resolve({ threw: words(error) })
  }
}

export const test = base.extend<Fixtures, WorkerFixtures>({
  origins: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures a function needs from this pattern.
    async ({}, use) => {
      const origins = await openTwoOrigins()
      await use(origins)
      await origins.close()
    },
    { scope: 'worker' },
  ],
  script: [
    // biome-ignore lint/correctness/noEmptyPattern: as above.
    async ({}, use) => {
      const script = await bundlePageEntry()
      serveWorker(script)
      await use(script)
    },
    { scope: 'worker' },
  ],
  addresses: async ({ origins }, use) => {
    for (const origin of [origins.home, origins.other]) origin.received.length = 0
    await use({ home: origins.home.origin, other: origins.other.origin })
  },
  bare: async ({ page, addresses: _reset, origins, script }, use) => {
    await openPage(page, { origins, script })
    await use(page)
  },
  shop: async ({ bare }, use) => {
    await intercept(bare)
    await use(bare)
  },
  sideBySide: async ({ context, addresses, origins, script }, use) => {
    await use(async (work) => {
      const outcomeOf = async (isIntercepted: boolean) => {
        const page = await context.newPage()
        await openPage(page, { origins, script })
        if (isIntercepted) await intercept(page)
        const outcome = await page.evaluate(observeOutcome, { source: String(work), addresses })
        await page.close()
        return outcome
      }
      return { native: await outcomeOf(false), intercepted: await outcomeOf(true) }
    })
  },
})

/** An echoed request without what differs between any two requests, and without our own headers. */
function comparable(outcome: Outcome): unknown {
  return JSON.parse(
    JSON.stringify(outcome)
      .replaceAll(/-{2,}WebKitFormBoundary\w+/g, '(boundary)')
      .replaceAll(/"(x-session-id|x-device-fingerprint)":"[^"]*",?/g, '')
      .replaceAll(',}', '}'),
  )
}

/** The app sees in the intercepted page what it sees in an untouched one, and the server got our headers with it. */
export function expectSame({ native, intercepted }: SideBySide): void {
  expect(comparable(intercepted)).toEqual(comparable(native))
}

export function expectSameWithSession(outcomes: SideBySide): void {
  expectSame(outcomes)
  expect(headersOf(outcomes.native)).not.toHaveProperty('x-session-id')
  expect(headersOf(outcomes.intercepted)).toMatchObject({
    'x-session-id': SESSION_ID,
    'x-device-fingerprint': FINGERPRINT,
  })
}

function headersOf({ resolved }: Outcome): Received['headers'] {
  expect(resolved, 'the request was echoed').toHaveProperty('headers')
  return (resolved as Received).headers
}

export { expect }
