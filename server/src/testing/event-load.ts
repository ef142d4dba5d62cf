import { randomUUID } from 'node:crypto'
import { newId } from '../platform/ids.ts'

const BATCH_EVENTS = 3
const ANSWER_LIMIT_MS = 15_000

interface Batch {
  readonly ids: readonly string[]
  readonly body: string
}

interface Sender {
  readonly sessionId: string
  cookie: string | undefined
  /** Sent, but not answered with 202: sent again as it was. */
  unanswered: Batch | undefined
}

/** Where a load is sent; another address after a restart. */
export interface LoadTarget {
  readonly url: string
  readonly publishableKey: string
  /** Asked before each batch. */
  isOver(): boolean
}

/** Visitors that send events as a browser does: what was not acknowledged is sent again, as it was. */
export interface EventLoad {
  /** Ids of the events that were answered with 202. */
  readonly acknowledged: ReadonlySet<string>
  /** Ids of all events that were ever sent. */
  readonly sent: ReadonlySet<string>
  /** How often each other answer came: a status, or `lost` for a broken connection. */
  readonly refusals: ReadonlyMap<string, number>
  /** 503 answers without Retry-After. */
  readonly hastyRefusals: number
  /** Sends until it is over; never rejects. A batch without a 202 ends that visitor's turn, or is tried on. */
  run(target: LoadTarget, options?: { readonly isPatient?: boolean }): Promise<void>
  /** Sends each unanswered batch once more, and no new one. Answers how many remain unanswered. */
  settle(target: Pick<LoadTarget, 'url' | 'publishableKey'>): Promise<number>
}

function createBatch(): Batch {
  const ids = Array.from({ length: BATCH_EVENTS }, newId)
  const events = ids.map((eventId, index) => ({
    eventId,
    eventType: 'PAGE_VIEW',
    payload: { page: `/${index}` },
  }))
  return { ids, body: JSON.stringify({ events }) }
}

/** Test support: a load of events from several connections at once, and a book of what was acknowledged. */
export function createEventLoad(connections: number): EventLoad {
  const acknowledged = new Set<string>()
  const sent = new Set<string>()
  const refusals = new Map<string, number>()
  const book = { hasty: 0 }
  const senders = Array.from(
    { length: connections },
    (): Sender => ({ sessionId: randomUUID(), cookie: undefined, unanswered: undefined }),
  )
  const refuse = (what: string) => refusals.set(what, (refusals.get(what) ?? 0) + 1)
  const headersOf = ({ sessionId, cookie }: Sender, publishableKey: string) => ({
    'Content-Type': 'application/json',
    'X-Site-Key': publishableKey,
    'X-Session-ID': sessionId,
    ...(cookie === undefined ? {} : { Cookie: cookie }),
  })

  async function post(
    { url, publishableKey }: Pick<LoadTarget, 'url' | 'publishableKey'>,
    sender: Sender,
    batch: Batch,
  ) {
    const response = await fetch(`${url}/api/events`, {
      method: 'POST',
      headers: headersOf(sender, publishableKey),
      body: batch.body,
      signal: AbortSignal.timeout(ANSWER_LIMIT_MS),
    })
    if (response.status === 202) {
      // Acknowledged by its status, whether or not the body still arrives.
      sender.unanswered = undefined
      for (const id of batch.ids) acknowledged.add(id)
      sender.cookie = response.headers.getSetCookie()[0]?.split(';')[0] ?? sender.cookie
    } else {
      refuse(String(response.status))
      if (response.status === 503 && !response.headers.has('retry-after')) book.hasty += 1
    }
    await response.text()
  }

  async function send(target: Pick<LoadTarget, 'url' | 'publishableKey'>, sender: Sender) {
    const batch = sender.unanswered ?? createBatch()
    sender.unanswered = batch
    for (const id of batch.ids) sent.add(id)
    await post(target, sender, batch).catch(() => refuse('lost'))
  }

  return {
    acknowledged,
    sent,
    refusals,
    get hastyRefusals() {
      return book.hasty
    },
    async run(target, { isPatient = false } = {}) {
      const work = async (sender: Sender) => {
        while (!target.isOver()) {
          await send(target, sender)
          if (sender.unanswered === undefined) continue
          if (!isPatient) return
          // As a client that keeps to Retry-After, only less patient.
          await new Promise((resolve) => setTimeout(resolve, 100))
        }
      }
      await Promise.all(senders.map(work))
    },
    async settle(target) {
      const waiting = senders.filter(({ unanswered }) => unanswered)
      await Promise.all(waiting.map((sender) => send(target, sender)))
      return waiting.filter(({ unanswered }) => unanswered).length
    },
  }
}
