import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, type Page, test } from '@playwright/test'

// The queue of the script-tag build in a real browser, against a server that stores each event once.
const DIST = new URL('../../packages/browser/dist/', import.meta.url)
const SESSION_ID = '0192f1c2-7b3a-7c4d-8e5f-a1b2c3d4e5f6'
const PREFIX = 'helloagain_session_id_event_pk_test_'

interface Store {
  origin: string
  /** Times each event came, by its id. */
  arrivals: Map<string, number>
  isDown: boolean
  close(): Promise<void>
}

interface Shown {
  HelloAgain: {
    init(options: object): unknown
    ready(): Promise<void>
    flush(): Promise<void>
    track(type: string, payload?: object): void
    stats(): { waiting: number; delivered: number; dropped: Record<string, number> }
  }
}

const OPENED = {
  success: true,
  restricted: false,
  session: { sessionId: SESSION_ID, userId: null, userData: null, lastSeen: null, metadata: {} },
  recognition: { method: 'new_user', isReturning: false },
  consent: { mode: 'recognition' },
  site: { fingerprintSalt: 'salt', unsetMode: 'recognition', sessionTtlSeconds: 2_592_000 },
}

function receive(at: Store, body: string): void {
  for (const { eventId } of JSON.parse(body).events) {
    at.arrivals.set(eventId, (at.arrivals.get(eventId) ?? 0) + 1)
  }
}

function answer(
  to: Store,
  pathname: string,
  body: string,
): { status?: number; type?: string; body: Buffer | string } {
  if (pathname.startsWith('/sdk/v1/')) {
    return { type: 'text/javascript', body: readFileSync(new URL(pathname.slice('/sdk/v1/'.length), DIST)) }
  }
  if (pathname === '/api/events' && to.isDown) return { status: 503, body: '{}' }
  if (pathname === '/api/events') {
    receive(to, body)
    return { status: 202, body: JSON.stringify({ success: true, rejected: [] }) }
  }
  if (pathname.startsWith('/api/')) return { body: JSON.stringify(OPENED) }
  return {
    type: 'text/html',
    body: '<!doctype html><title>Shop</title><script src="/sdk/v1/helloagain.js"></script>',
  }
}

async function openStore(): Promise<Store> {
  const opened: Store = { origin: '', arrivals: new Map(), isDown: false, close: async () => {} }
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    let sent = ''
    for await (const chunk of request) sent += chunk
    const { status = 200, type = 'application/json', body } = answer(opened, pathname, sent)
    response.writeHead(status, { 'Content-Type': type }).end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  opened.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  opened.close = () =>
    new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return opened
}

let store: Store
test.beforeEach(async () => {
  store = await openStore()
})
test.afterEach(() => store.close())

/** Opens a page whose session is open, and which sends nothing by itself but its batches. */
async function openShop(page: Page): Promise<void> {
  await page.goto(store.origin)
  await page.evaluate(async () => {
    const { HelloAgain } = window as unknown as Shown
    HelloAgain.init({ siteKey: 'pk_test', fingerprint: false, autoPageViews: false })
    await HelloAgain.ready()
    await HelloAgain.flush()
  })
}

const flush = (page: Page) => page.evaluate(() => (window as unknown as Shown).HelloAgain.flush())
const readStats = (page: Page) => page.evaluate(() => (window as unknown as Shown).HelloAgain.stats())
const track = (page: Page, count: number) =>
  page.evaluate((most) => {
    const { HelloAgain } = window as unknown as Shown
    for (let n = 0; n < most; n += 1) HelloAgain.track('TOLD', { n })
  }, count)
const countStaged = (page: Page) =>
  page.evaluate(
    (prefix) => Object.keys(localStorage).filter((key) => key.startsWith(`${prefix}0`)).length,
    PREFIX,
  )
const countStored = (page: Page) =>
  page.evaluate(async (name) => {
    const listed = await indexedDB.databases()
    if (!listed.some((database) => database.name === name)) return 0
    return new Promise<number>((resolve, reject) => {
      const request = indexedDB.open(name)
      request.onerror = () => reject(request.error)
      request.onsuccess = () => {
        const count = request.result.transaction('events').objectStore('events').count()
        count.onsuccess = () => {
          request.result.close()
          resolve(count.result)
        }
      }
    })
  }, PREFIX)
const wireCount = (): number => [...store.arrivals.values()].reduce((sum, times) => sum + times, 0)

test('has the event in localStorage before track() returns', async ({ page }) => {
  await openShop(page)
  const kept = await page.evaluate((prefix) => {
    const { HelloAgain } = window as unknown as Shown
    HelloAgain.track('TOLD', { n: 1 })
    return Object.entries(localStorage).filter(([key]) => key.startsWith(prefix))
  }, PREFIX)
  expect(kept).toHaveLength(1)
  expect(JSON.parse(kept[0]?.[1] ?? '')).toMatchObject({
    sessionId: SESSION_ID,
    event: { eventType: 'TOLD', payload: { n: 1 } },
  })
})

test('moves what the server did not take into IndexedDB; the next page delivers it', async ({ page }) => {
  await openShop(page)
  store.isDown = true
  await track(page, 300)
  await flush(page)
  expect(await countStored(page)).toBe(300)
  expect(await countStaged(page)).toBe(0)
  await page.goto('about:blank')
  store.isDown = false
  await openShop(page)
  await flush(page)
  expect(store.arrivals.size).toBe(300)
  expect(await countStored(page)).toBe(0)
})

test('throws nothing and loses nothing with localStorage full to the brim', async ({ page }) => {
  await openShop(page)
  await page.evaluate(() => {
    for (let size = 2 ** 22; size >= 1; size /= 2) {
      try {
        for (let i = 0; ; i += 1) localStorage.setItem(`fill_${size}_${i}`, 'x'.repeat(size))
      } catch {
        // Full at this size; a smaller piece may still fit.
      }
    }
  })
  // Rejects where a call throws.
  await track(page, 500)
  expect(await countStaged(page)).toBe(0)
  await flush(page)
  await expect.poll(() => store.arrivals.size).toBe(500)
  expect(await readStats(page)).toEqual({ waiting: 0, delivered: 500, dropped: {} })
})

test('two tabs share one queue: each event is on the wire once', async ({ context }) => {
  const [one, two] = [await context.newPage(), await context.newPage()]
  await openShop(one)
  await openShop(two)
  await Promise.all([track(one, 400), track(two, 400)])
  await Promise.all([flush(one), flush(two)])
  await expect.poll(() => store.arrivals.size).toBe(800)
  expect(wireCount()).toBe(800)
  const [ofOne, ofTwo] = [await readStats(one), await readStats(two)]
  expect(ofOne.delivered + ofTwo.delivered).toBe(800)
})

test('a tab whose renderer dies is looked after by the other', async ({ context }) => {
  const [one, two] = [await context.newPage(), await context.newPage()]
  await openShop(one)
  await openShop(two)
  store.isDown = true
  await track(two, 20)
  const crashed = two.waitForEvent('crash')
  void two.goto('chrome://crash').catch(() => undefined)
  await crashed
  store.isDown = false
  await one.bringToFront()
  await flush(one)
  await expect.poll(() => store.arrivals.size, { timeout: 20_000 }).toBe(20)
  expect(wireCount()).toBe(20)
})

test('holds no lock while idle', async ({ page }) => {
  await openShop(page)
  await track(page, 3)
  await flush(page)
  const held = await page.evaluate(async () => {
    const { held: locks = [] } = await navigator.locks.query()
    return locks.length
  })
  expect(held).toBe(0)
})
