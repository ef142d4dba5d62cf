// Test support: a page as the SDK meets it, with a network that answers by the protocol.
import { openClient } from './client.ts'
import type { Client } from './client-surface.ts'
import type { Running } from './create-surface.ts'
import * as delivery from './delivery-part.ts'
import { personOptions } from './extras-part.ts'
import { createFakeBrowser, type FakeBrowser, openLocalStorage, STARTED_AT_MS } from './fake-browser.ts'
import { createKnownPerson } from './identity/known-person.ts'
import type { ClientOptions } from './options.ts'
import type { PageScope } from './page-scope.ts'
import type { SdkError } from './sdk-error.ts'
import * as session from './session-part.ts'
import type { World } from './world.ts'

export const SERVER_SESSION = '0192f1c2-7b3a-7c4d-8e5f-a1b2c3d4e5f6'

export interface Sent {
  method: string
  path: string
  headers: Record<string, string>
  credentials: string | undefined
  body: unknown
}

function createStorage(texts: Map<string, string>): Storage {
  return {
    get length() {
      return texts.size
    },
    clear: () => texts.clear(),
    getItem: (key) => texts.get(key) ?? null,
    key: (index) => [...texts.keys()][index] ?? null,
    removeItem: (key) => void texts.delete(key),
    setItem: (key, text) => void texts.set(key, text),
  }
}

function FakeDateTimeFormat() {
  return { resolvedOptions: () => ({ timeZone: 'Europe/London' }) }
}

interface PageOptions {
  /** The part that opens sessions cannot be loaded, nor the one that is found by it. */
  isSessionPartLost?: boolean
  /** The part that sends events cannot be loaded. */
  isDeliveryPartLost?: boolean
  /** The part that sends events comes only after this. */
  beforeDelivery?: Promise<void> | undefined
  local?: Map<string, string>
  /** What tabs of one browser share beside storage. */
  browser?: FakeBrowser
  tab?: Map<string, string>
  navigator?: Record<string, unknown>
  /** What the server says; by default a new visitor on a site that recognises. */
  answer?(sent: Sent): { status: number; body?: unknown; headers?: Record<string, string> } | undefined
}

export { STARTED_AT_MS }

export const sessionAnswer = (changes: Record<string, unknown> = {}) => ({
  success: true,
  restricted: false,
  session: { sessionId: SERVER_SESSION, userId: null, userData: null, lastSeen: null, metadata: {} },
  recognition: { method: 'new_user', isReturning: false },
  consent: { mode: 'recognition' },
  site: { fingerprintSalt: 'salt', unsetMode: 'recognition', sessionTtlSeconds: 2_592_000 },
  ...changes,
})

/** What is the same in each page. */
const SURROUNDINGS = {
  Intl: { DateTimeFormat: FakeDateTimeFormat },
  AbortController,
  BigInt,
  crypto,
  origin: 'https://shop.example',
  history: { pushState() {}, replaceState() {} },
  screen: { width: 1512, height: 982 },
  location: {
    origin: 'https://shop.example',
    href: 'https://shop.example/quiz?utm_source=mail&mail=ada@example.org',
    pathname: '/quiz',
    search: '?utm_source=mail&mail=ada@example.org',
    hash: '#step-2',
  },
}

/** A page as the SDK meets it: an event target with storages, an address and a network. */
export function openPage(page: PageOptions = {}) {
  const { local: given, tab = new Map<string, string>() } = page
  const { browser = createFakeBrowser(given) } = page
  const { local } = browser
  const sent: Sent[] = []
  const beacons: string[] = []
  const reads: string[] = []
  const target = new EventTarget()
  const document = Object.assign(new EventTarget(), {
    baseURI: 'https://shop.example/quiz?utm_source=mail&mail=ada@example.org',
    referrer: 'https://search.example/find?q=shoes',
    visibilityState: 'visible',
  })
  const localStorage = openLocalStorage(browser, target)
  browser.watchers.set(target, (key, newValue) =>
    target.dispatchEvent(Object.assign(new Event('storage'), { key, newValue })),
  )
  const getItem = (key: string): string | null => {
    reads.push(key)
    return localStorage.getItem(key)
  }
  const spied = { ...localStorage, getItem }
  Object.defineProperty(spied, 'length', { get: () => local.size })
  const fetch = async (url: string, init: RequestInit = {}): Promise<Response> => {
    const call: Sent = {
      method: init.method ?? 'GET',
      path: url.replace('https://hello.example', ''),
      headers: { ...(init.headers as Record<string, string>) },
      credentials: init.credentials,
      body: typeof init.body === 'string' ? JSON.parse(init.body) : undefined,
    }
    sent.push(call)
    const { status, body, headers = {} } = page.answer?.(call) ?? { status: 200, body: answerOf(call.path) }
    return new Response(JSON.stringify(body ?? {}), { status, headers })
  }
  const timers: { work: () => void; delayMs: number; atMs: number }[] = []
  const scope = {
    BroadcastChannel: browser.Channel,
    indexedDB: browser.indexedDb.factory,
    ...SURROUNDINGS,
    fetch,
    document,
    localStorage: spied,
    sessionStorage: createStorage(tab),
    navigator: {
      language: 'en-GB',
      locks: browser.locks,
      userAgent: 'Mozilla/5.0 (X11; Linux x86_64) Example/1.0',
      sendBeacon(_url: string, data: Blob) {
        void data.text().then((text) => beacons.push(text))
        return true
      },
      ...page.navigator,
    },
    addEventListener: target.addEventListener.bind(target),
    removeEventListener: target.removeEventListener.bind(target),
    setTimeout: (work: () => void, delayMs: number) =>
      timers.push({ work, delayMs, atMs: browser.nowMs + delayMs }),
    clearTimeout: (timer: number) => {
      if (timer > 0) timers[timer - 1] = { work: () => undefined, delayMs: 0, atMs: Infinity }
    },
  }
  const { isSessionPartLost = false, isDeliveryPartLost = false, beforeDelivery } = page
  return {
    ...{ scope, sent, beacons, reads, local, tab, target, document, timers, browser },
    ...{ isSessionPartLost, isDeliveryPartLost, beforeDelivery },
  }
}

function answerOf(path: string): unknown {
  if (path === '/api/sessions') return sessionAnswer()
  if (path === '/api/events')
    return { success: true, sessionId: SERVER_SESSION, accepted: 1, duplicates: 0, rejected: [] }
  return { success: true, userData: {}, completion: 0 }
}

const opened: Client[] = []

/** Closes the clients of the last test. */
export function closeClients(): void {
  for (const client of opened.splice(0)) client.close()
}

/** The page dies: none of its timers runs, and it hears of nothing any more. */
export function kill({ browser, target, timers, scope }: ReturnType<typeof openPage>): void {
  browser.watchers.delete(target)
  timers.length = 0
  scope.setTimeout = () => 0
}

export function start(
  page: ReturnType<typeof openPage>,
  options: ClientOptions = {},
  observe?: () => unknown,
) {
  const errors: SdkError[] = []
  const world: World = {
    // A fake of the few members the SDK uses.
    scope: page.scope as unknown as PageScope,
    nowMs: () => page.browser.nowMs,
    newId: () => `0192f1c2-0000-7000-8000-${String(page.browser.ids++).padStart(12, '0')}`,
    random: () => 0.5,
    parts: {
      probes: async () => ({ observeAndKeep: async () => observe?.() }) as never,
      debug: () => import('./debug-part.ts'),
      errors: () => import('./errors-part.ts'),
      // The person's data only: forms need a document.
      extras: async () =>
        ({ openExtras: (core: Running) => createKnownPerson(personOptions(core)) }) as never,
      // Loaded before: how long that takes on a busy machine is nothing a test waits for.
      async session() {
        if (page.isSessionPartLost) throw new Error('lost')
        return session
      },
      async delivery() {
        if (page.isSessionPartLost || page.isDeliveryPartLost) throw new Error('lost')
        await page.beforeDelivery
        return delivery
      },
    },
  }
  const client = openClient(
    {
      siteKey: 'pk_test',
      endpoint: 'https://hello.example',
      autoPageViews: false,
      interceptRequests: false,
      forms: false,
      fingerprint: false,
      onError: (error) => errors.push(error),
      ...options,
    },
    world,
  )
  opened.push(client)
  return { client, errors }
}
