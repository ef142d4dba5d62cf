import type { EventsAnswer } from '@helloagain/protocol'
import { findRefusal } from '../transport/transport.ts'
import type { QueuedEvent } from './event-buffer.ts'
import { type Judge, judgeFailure } from './judge-failure.ts'
import type { Outbox, SendAll } from './sender-port.ts'

/** Sends batch after batch until nothing waits, or the server wants a pause. */
export function createSender(outbox: Outbox, judge: Judge): SendAll {
  const { buffer, batch } = outbox
  let failures = 0
  let { maxEvents } = batch

  function settle(events: QueuedEvent[], body: unknown): number {
    for (const { index, code } of (body as EventsAnswer | null)?.rejected ?? []) {
      const event = events[index]
      if (event) outbox.drop('rejected', [event], code)
    }
    outbox.deliver(events)
    failures = 0
    maxEvents = batch.maxEvents
    return 0
  }

  async function sendBatch(): Promise<number> {
    const events = buffer.peek({ ...batch, maxEvents })
    const result = await outbox.send(events)
    if (result.isOk) return settle(events, result.body)
    const verdict = judgeFailure({ ...judge, failed: result, count: events.length, failures: ++failures })
    maxEvents = verdict.maxEvents ?? maxEvents
    if (verdict.dropped) outbox.drop(verdict.dropped, events, findRefusal(result) ?? String(result.status))
    // A refusal is an answer: what follows a failure is counted anew.
    if (!verdict.waitMs) failures = 0
    return verdict.waitMs
  }

  return async () => {
    let waitMs = 0
    while (!waitMs && outbox.hasWork()) waitMs = await sendBatch()
    return waitMs
  }
}
