import type { ConsentMode, EventType, RefusalCode } from '@helloagain/protocol'
import { answerRequest, type FixedAnswer } from './answer-request.ts'
import { createEventStore } from './event-store.ts'
import { createHeldSessions, type ReturningPerson, type TestSession } from './held-sessions.ts'
import { readRequest, type TestRequest } from './read-request.ts'
import { type RecordedEvent, selectEvents } from './recorded-event.ts'
import { describeRefusal } from './refusal.ts'

export interface TestServerOptions {
  /** What the site takes silence for. @default 'recognition' */
  unsetMode?: Exclude<ConsentMode, 'off'>
}

export interface FailOptions {
  /** How many requests fail. @default 1 */
  times?: number
  /** Only requests whose path begins so, for example `/api/events`. @default every request */
  path?: string
  /** Seconds the client is asked to wait. @default not said */
  retryAfter?: number
}

export interface WaitOptions {
  /** Milliseconds until the wait is given up. @default 2000 */
  timeoutMs?: number
}

/** A Hello Again server in memory: for one browser, and for nothing but tests. */
export interface TestServer {
  /** Hand it to `createClient({ fetch })`. */
  readonly fetch: typeof fetch
  /** What was asked so far, in order, refused and failed requests included. */
  readonly requests: readonly TestRequest[]
  /** The events that arrived, each once: all, or those of a type. */
  events<T extends EventType>(type?: T): RecordedEvent<T>[]
  /** The sessions that were opened, with what is known of their people. */
  sessions(): TestSession[]
  /**
   * The first event of a type, now or as soon as it arrives.
   *
   * @throws Error that names what did arrive, when it takes too long
   */
  waitForEvent<T extends EventType>(type: T, options?: WaitOptions): Promise<RecordedEvent<T>>
  /** The next session is that of somebody who was here before. */
  recognise(person?: ReturningPerson): void
  /** Makes requests fail: by a status, or by a network that is gone. */
  failNext(how: number | 'network', options?: FailOptions): void
  /** Answers requests whose path begins so by this instead, until `clear()`. */
  respondWith(path: string, answer: FixedAnswer): void
  /** Forgets requests, events, sessions and what was arranged; what is under way does not arrive any more. */
  clear(): void
}

/** What stands in for the server's own answers. */
interface Arranged {
  path: string
  /** Requests it is still good for. */
  times: number
  answer: FixedAnswer | 'network'
}

const STATUS_CODES: Partial<Record<number, RefusalCode>> = {
  413: 'request.too_large',
  429: 'request.rate_limited',
  503: 'server.unavailable',
}

const failureOf = (status: number, retryAfter: number | undefined): FixedAnswer => ({
  status,
  body: describeRefusal(STATUS_CODES[status] ?? 'server.internal'),
  headers: retryAfter === undefined ? {} : { 'Retry-After': String(retryAfter) },
})

/** Keeps who waits for which event. */
function createWaiting(arrived: readonly RecordedEvent[]) {
  const waiting = new Set<{ type: string; resolve(event: RecordedEvent): void }>()
  return {
    arrive(event: RecordedEvent): void {
      for (const one of waiting) if (one.type === event.eventType) one.resolve(event)
    },
    wait: (type: string, timeoutMs: number): Promise<RecordedEvent> =>
      new Promise((resolve, reject) => {
        const giveUp = setTimeout(() => {
          waiting.delete(one)
          const seen = arrived.map(({ eventType }) => eventType).join(', ') || 'nothing'
          reject(new Error(`No ${type} arrived within ${timeoutMs} ms, but ${seen}.`))
        }, timeoutMs)
        const one = {
          type,
          resolve(event: RecordedEvent) {
            clearTimeout(giveUp)
            waiting.delete(one)
            resolve(event)
          },
        }
        waiting.add(one)
      }),
  }
}

/**
 * A server for the tests of your own site: the client talks to it by `fetch` and gets the answers the real one gives,
 * and the test sees what arrived. It has no network, and knows one browser, whose cookie it keeps.
 *
 * @example
 * const server = createTestServer()
 * const client = createClient({ endpoint: 'https://hello.test', fetch: server.fetch })
 * client.track('QUIZ_STARTED', { quizType: 'plants' })
 * expect(await server.waitForEvent('QUIZ_STARTED')).toMatchObject({ payload: { quizType: 'plants' } })
 */
export function createTestServer({ unsetMode = 'recognition' }: TestServerOptions = {}): TestServer {
  const requests: TestRequest[] = []
  const held = createHeldSessions()
  let arranged: Arranged[] = []
  let turn = 0
  const store = createEventStore(unsetMode, (event) => waiting.arrive(event))
  const waiting = createWaiting(store.events)

  function takeArranged({ path }: TestRequest): Arranged['answer'] | undefined {
    const found = arranged.find((one) => path.startsWith(one.path))
    if (found && --found.times === 0) arranged = arranged.filter((one) => one !== found)
    return found?.answer
  }

  const answer: typeof fetch = async (input, init) => {
    const begunIn = turn
    const request = await readRequest(input, init)
    // Of the test before: a client that is closed still sends what it has.
    if (begunIn !== turn) throw new TypeError('Failed to fetch')
    requests.push(request)
    const given = takeArranged(request) ?? answerRequest(request, { held, store, unsetMode })
    if (given === 'network') throw new TypeError('Failed to fetch')
    const { status, body, headers } = given
    return new Response(body === undefined ? null : JSON.stringify(body), {
      status,
      headers: { 'Content-Type': 'application/json; charset=utf-8', ...headers },
    })
  }

  return {
    fetch: answer,
    requests,
    events: (type) => selectEvents(store.events, type),
    sessions: () =>
      held.list().map(({ sessionId, userData, progress }) => ({ sessionId, userData, progress })),
    async waitForEvent<T extends EventType>(type: T, { timeoutMs = 2000 }: WaitOptions = {}) {
      // It is of the type that was asked for.
      return (
        selectEvents(store.events, type)[0] ?? ((await waiting.wait(type, timeoutMs)) as RecordedEvent<T>)
      )
    },
    recognise: (person = {}) => held.expect(person),
    failNext(how, { times = 1, path = '/', retryAfter } = {}) {
      arranged.push({ path, times, answer: how === 'network' ? how : failureOf(how, retryAfter) })
    },
    respondWith(path, fixed) {
      arranged.push({ path, times: Number.POSITIVE_INFINITY, answer: fixed })
    },
    clear() {
      turn++
      requests.length = 0
      arranged = []
      held.clear()
      store.clear()
    },
  }
}
