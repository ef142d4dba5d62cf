// Test support: pages of one browser, and a server that stores each event once.
import type { EventBatch } from '@helloagain/protocol'
import { createFakeBrowser, type FakeBrowser } from '../fake-browser.ts'
import { kill, openPage, type Sent, sessionAnswer, start } from '../fake-page.ts'
import type { ClientOptions } from '../options.ts'
import { isUuid } from '../platform/uuid-v7.ts'
import type { DropReason } from './drop-reason.ts'

export interface Answer {
  status: number
  body?: unknown
  headers?: Record<string, string>
}

/** A server that stores events by their ids. */
export interface FakeServer {
  /** The session of each stored event. */
  stored: Map<string, string>
  /** Batches that came, as event types. */
  batches: string[][]
  /** What it answers to the next batches instead of taking them; undefined takes it. */
  failures: (Answer | undefined)[]
  /** What it answers as long as it is down. */
  down: Answer | undefined
  receive(sent: Sent): Answer | undefined
}

export function createFakeServer(): FakeServer {
  const server: FakeServer = {
    stored: new Map(),
    batches: [],
    failures: [],
    down: undefined,
    receive({ path, headers, body }) {
      if (path === '/api/sessions') return { status: 200, body: sessionAnswer() }
      if (path !== '/api/events') return undefined
      const { events } = body as EventBatch
      server.batches.push(events.map(({ eventType }) => eventType))
      const failure = server.down ?? server.failures.shift()
      if (failure) return failure
      for (const { eventId = '' } of events) server.stored.set(eventId, headers['X-Session-ID'] ?? '')
      return { status: 202, body: { success: true, rejected: [] } }
    },
  }
  return server
}

export type Tab = ReturnType<typeof openTab>

export interface TabOptions extends ClientOptions {
  browser?: FakeBrowser
  server?: FakeServer
  navigator?: Record<string, unknown>
}

/** A page with a client, in a browser it may share with others. */
export function openTab({ browser, server = createFakeServer(), navigator, ...options }: TabOptions = {}) {
  const page = openPage({
    browser: browser ?? createFakeBrowser(),
    answer: server.receive,
    ...(navigator && { navigator }),
  })
  const drops: { reason: DropReason; types: string[]; detail: string | undefined }[] = []
  const { client, errors } = start(page, {
    onDrop: (reason, events, detail) =>
      drops.push({ reason, types: events.map(({ eventType }) => eventType), detail }),
    ...options,
  })
  const { document, target } = page
  return {
    ...{ page, client, errors, drops, server, browser: page.browser },
    /** Keys of waiting events in localStorage. */
    staged: () => [...page.local.keys()].filter((key) => isUuid(key.slice(PREFIX.length))),
    /** What lies in IndexedDB. */
    shelved: () => [...(page.browser.indexedDb.databases.get(PREFIX)?.keys() ?? [])],
    hide() {
      document.visibilityState = 'hidden'
      document.dispatchEvent(new Event('visibilitychange'))
    },
    show() {
      document.visibilityState = 'visible'
      document.dispatchEvent(new Event('visibilitychange'))
    },
    fire: (type: string) => target.dispatchEvent(new Event(type)),
    /** Runs the timers that are due after some milliseconds. */
    async elapse(delayMs: number) {
      page.browser.nowMs += delayMs
      const due = page.timers.filter(({ atMs }) => atMs <= page.browser.nowMs)
      for (const timer of due) {
        timer.atMs = Number.POSITIVE_INFINITY
        timer.work()
      }
      await turns()
    },
    kill: () => kill(page),
  }
}

export const PREFIX = 'helloagain_session_id_event_pk_test_'

/** Lets everything go on that waits for nothing but its turn. */
export async function turns(count = 30): Promise<void> {
  for (let i = 0; i < count; i += 1) await new Promise((resolve) => setTimeout(resolve, 0))
}

/** A tab that has a session and may use the disk. */
export async function openReadyTab(options: TabOptions = {}): Promise<Tab> {
  const tab = openTab(options)
  await tab.client.ready()
  await turns()
  await tab.elapse(0)
  return tab
}
