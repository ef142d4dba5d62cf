import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startStorefront } from '@helloagain/storefront/server'
import { type BrowserContext, test as base, type Page } from '@playwright/test'
import { openStorage } from '../../../server/src/open-storage.ts'
import { type StartedServer, startServer } from '../../../server/src/testing/start-server.ts'

const DAY_MS = 86_400_000
// The stories' Chromium has no window and is driven: people are meant all the same.
const CONFIG = { RECOGNISE_BOTS: true }

/** The demo shop with its server, on free ports; each test has its own. */
export interface Shop {
  /** Where the shop is. */
  readonly url: string
  readonly server: StartedServer
  /** Moves the server's clock. */
  sleepDays(days: number): void
  /** What the server stored, by table. */
  rows(table: 'eventLogs' | 'journeys' | 'userSessions' | 'users' | 'visitors'): Promise<Row[]>
  /** Stops answering, as a server that is down; what it stored stays. */
  stopServer(): Promise<void>
  /** Answers again, on the same address and database. */
  startServer(): Promise<void>
}

/** The columns that stories look at. */
export interface Row {
  readonly id?: string
  readonly email?: string
  readonly eventType?: string
  readonly payload?: { readonly n?: number }
  readonly seq?: number | null
  readonly convertedUser?: string
  readonly visitorId?: string
  readonly userType?: string
  readonly journeyStage?: string
}

/** A person with a browser whose profile outlives the browser's being closed. */
export interface Person {
  open(): Promise<Page>
  context(): BrowserContext
  /** Closes the browser; the profile stays. */
  closeBrowser(): Promise<void>
}

interface Fixtures {
  shop: Shop
  person: Person
}

async function openShop(): Promise<Shop & { close(): Promise<void> }> {
  const storage = await openStorage(':memory:', '')
  let server = await startServer({ storage, config: CONFIG })
  const port = Number(new URL(server.url).port)
  const { key } = await server.sites.createKey('default', 'publishable')
  const storefront = await startStorefront({ port: 0, serverUrl: server.url, siteKey: key })
  await server.sites.addOrigin('default', storefront.url)
  let isUp = true
  const stopServer = async () => {
    if (isUp) await server.close()
    isUp = false
  }
  return {
    url: storefront.url,
    get server() {
      return server
    },
    sleepDays: (days) => server.clock.advance(days * DAY_MS),
    rows: async (table) => storage.db.select().from(storage.tables[table]) as Promise<Row[]>,
    stopServer,
    async startServer() {
      server = await startServer({ storage, config: CONFIG, port, startAtMs: server.clock.nowMs() })
      isUp = true
    },
    async close() {
      await storefront.close()
      await stopServer()
      await storage.close()
    },
  }
}

export const test = base.extend<Fixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads which fixtures are wanted from the pattern.
  shop: async ({}, use) => {
    const shop = await openShop()
    await use(shop)
    await shop.close()
  },
  person: async ({ shop, playwright, launchOptions }, use) => {
    const profile = await mkdtemp(join(tmpdir(), 'helloagain-profile-'))
    let context: BrowserContext | undefined
    const closeBrowser = async () => {
      await context?.close()
      context = undefined
    }
    await use({
      async open() {
        context ??= await playwright.chromium.launchPersistentContext(profile, {
          ...launchOptions,
          headless: true,
          baseURL: shop.url,
        })
        return context.newPage()
      },
      context() {
        if (!context) throw new Error('The browser is closed.')
        return context
      },
      closeBrowser,
    })
    await closeBrowser()
    await rm(profile, { recursive: true, force: true })
  },
})

export { expect } from '@playwright/test'

/** Resolves when Hello Again has opened the session of this page. */
export async function sessionOpened(page: Page, act: () => Promise<unknown>): Promise<OpenedSession> {
  const answered = page.waitForResponse(
    (response) =>
      new URL(response.url()).pathname === '/api/sessions' && response.request().method() === 'POST',
  )
  await act()
  return (await (await answered).json()) as OpenedSession
}

/** The part of the answer that stories look at. */
export interface OpenedSession {
  session: { sessionId: string; userData: Record<string, unknown> | null }
  recognition: { method: string; isReturning: boolean }
  visitor?: { visitorId: string }
  restricted: boolean
}
