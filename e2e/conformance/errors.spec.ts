import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, type Page, test } from '@playwright/test'

// captureErrors() of the script-tag build in a real browser, against a server that answers as the protocol says.
const DIST = new URL('../../packages/browser/dist/', import.meta.url)
const SESSION_ID = '0192f1c2-7b3a-7c4d-8e5f-a1b2c3d4e5f6'

const PAGE = `<!doctype html><title>Shop</title>
<script>
window.HelloAgain={q:[],earlyErrors:[]};
['error','unhandledrejection'].forEach(function(t){addEventListener(t,function(e){
  var early=HelloAgain.earlyErrors;if(early&&early.length<50)early.push(e)})});
</script>
<script>throw new RangeError('before the SDK')</script>
<script async src="/sdk/v1/helloagain.js" data-site-key="pk_test" data-capture-errors="on"></script>
<script src="/shop.js?build=7"></script>`

/** The page's own code, in a file of its own, so that its errors have addresses. */
const SHOP = `function failAt(work) { setTimeout(work) }
function pay(card) { throw new TypeError('No till for card ' + card) }
function refuse(reason) { Promise.reject(reason) }
function order(address) { fetch(address) }`

interface Told {
  eventId: string
  eventType: string
  payload: Record<string, unknown> & { message: string; count: number }
}

interface Collector {
  origin: string
  /** Bodies as they came over the wire. */
  bodies: string[]
  close(): void
}

const answer = (path: string) =>
  path === '/api/events'
    ? { success: true, sessionId: SESSION_ID, accepted: 1, duplicates: 0, rejected: [] }
    : {
        success: true,
        restricted: false,
        session: { sessionId: SESSION_ID, userId: null, userData: null, lastSeen: null, metadata: {} },
        recognition: { method: 'new_user', isReturning: false },
        consent: { mode: 'recognition' },
        site: { fingerprintSalt: 'salt', unsetMode: 'recognition', sessionTtlSeconds: 2_592_000 },
      }

async function openCollector(): Promise<Collector> {
  const bodies: string[] = []
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    if (pathname === '/api/events') bodies.push(await text(request))
    const [type, body] = pathname.startsWith('/sdk/v1/')
      ? ['text/javascript', readFileSync(new URL(pathname.slice('/sdk/v1/'.length), DIST))]
      : pathname.startsWith('/api/')
        ? ['application/json', JSON.stringify(answer(pathname))]
        : pathname === '/shop.js'
          ? ['text/javascript', SHOP]
          : ['text/html', PAGE]
    response.writeHead(200, { 'Content-Type': type as string }).end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bodies,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}

let collector: Collector
test.beforeEach(async () => {
  collector = await openCollector()
})
test.afterEach(() => collector.close())

/** Errors that arrived, each event once: a page that is left may send one twice. */
function errors(): Told[] {
  const events = collector.bodies.flatMap((body) => JSON.parse(body).events as Told[])
  const byId = new Map(events.map((event) => [event.eventId, event]))
  return [...byId.values()].filter(({ eventType }) => eventType === 'ERROR_OCCURRED')
}

const find = (message: string) => errors().filter(({ payload }) => payload.message.startsWith(message))

/** Opens the shop once the SDK captures: what was thrown before it came has arrived. */
async function openShop(page: Page): Promise<void> {
  await page.goto(`${collector.origin}/checkout?mail=ada@example.org#secret`)
  await expect.poll(() => find('before the SDK').length, { timeout: 15_000 }).toBe(1)
}

test('tells an error and a rejected promise with their place, and leaves both to the page', async ({
  page,
}) => {
  const uncaught: string[] = []
  page.on('pageerror', ({ message }) => void uncaught.push(message))
  await openShop(page)
  await page.evaluate('failAt(function checkout() { pay("4111 1111 1111 1111") })')
  await page.evaluate('failAt(() => refuse("no stock"))')
  await expect.poll(() => find('no stock').length).toBe(1)
  expect(find('No till')[0]?.payload).toMatchObject({
    errorType: 'TypeError',
    message: 'No till for card ***',
    page: '/checkout',
    source: '/shop.js',
    line: 2,
    count: 1,
  })
  expect(find('No till')[0]?.payload['stack']).toContainEqual(
    expect.stringMatching(/^pay \(\/shop\.js:2:\d+\)$/),
  )
  expect(find('no stock')[0]?.payload).toMatchObject({ errorType: 'UnhandledRejection', page: '/checkout' })
  // The browser tells of it on another way than the network.
  await expect.poll(() => uncaught.length).toBe(3)
})

test('blames a request that failed on the code that made it, not on the SDK it went through', async ({
  page,
}) => {
  await openShop(page)
  await page.evaluate('failAt(() => order("http://127.0.0.1:1/?mail=ada@example.org"))')
  await expect.poll(() => find('Failed to fetch').length).toBe(1)
  expect(find('Failed to fetch')[0]?.payload).toMatchObject({ source: '/shop.js', line: 4 })
})

test('makes two events of a thousand repeats, and loses none of their number when the page is left', async ({
  page,
}) => {
  await openShop(page)
  await page.evaluate(`new Promise((resolve) => {
    for (let item = 0; item < 1000; item++) failAt(() => { throw new Error('No item ' + item) })
    // Timers fire in the order they were set.
    setTimeout(resolve)
  })`)
  await expect.poll(() => find('No item').length).toBe(1)
  await page.goto('about:blank')
  await expect.poll(() => find('No item').map(({ payload }) => payload.count)).toEqual([1, 999])
})

test('tells what was counted when the client is closed, and hears nothing afterwards', async ({ page }) => {
  await openShop(page)
  await page.evaluate(`new Promise((resolve) => {
    for (let times = 0; times < 3; times++) failAt(() => { throw new Error('No cart') })
    setTimeout(() => { HelloAgain.close(); failAt(() => { throw new Error('No cart') }); setTimeout(resolve) })
  })`)
  await expect.poll(() => find('No cart').map(({ payload }) => payload.count)).toEqual([1, 2])
})

test('sends nothing of a person over the wire, whatever is thrown', async ({ page }) => {
  const hidden = [
    'ada@example.org',
    '4111 1111 1111 1111',
    'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJlLW9mLWFkYQ',
    'sk_live_4eC39HqLyjWDarjtT1zdp7dc',
    '0192f1c2-aaaa-7c4d-8e5f-a1b2c3d4e5f6',
    '192.0.2.17',
  ]
  await openShop(page)
  await page.evaluate((secrets) => {
    const { failAt } = window as unknown as { failAt(work: () => void): void }
    for (const secret of secrets) {
      failAt(() => {
        throw new Error(
          `Order of "${secret}" lost at https://a:${secret}@x.example/${secret}?q=${secret}#${secret}`,
        )
      })
      failAt(() => void Promise.reject({ mail: secret, code: 1 }))
      failAt(() => JSON.parse(`"${secret}`))
      failAt(() => new Function(`throw new Error('evaluated')\n//# sourceURL=https://x.example/?${secret}`)())
    }
    failAt(() => JSON.parse('"Lovelace'))
    failAt(() => JSON.parse('Lovelace'))
    failAt(() => {
      throw new Error('the last')
    })
  }, hidden)
  await expect.poll(() => find('the last').length).toBe(1)
  await page.goto('about:blank')
  await expect.poll(() => find('Object with mail, code').length).toBe(2)
  const wire = collector.bodies.join('\n')
  for (const secret of [...hidden, 'Lovelace']) expect(wire).not.toContain(secret)
  expect(wire).toContain('evaluated')
})
