import type { EventsAnswer } from '@helloagain/protocol'
import { type CallResult, type FailedCall, findRefusal } from '../transport/transport.ts'
import { judgeFailure, type Verdict } from './judge-failure.ts'
import type { PauseKeeper } from './pause.ts'
import type { QueueCore } from './queue-port.ts'
import type { Stock } from './stock.ts'
import type { Turn } from './turn.ts'
import type { WaitingEvent } from './waiting-event.ts'

/** Half of what the server takes: a body is text that was measured, and an envelope. */
const MAX_BATCH_BYTES = 500_000

const NO_ANSWER: FailedCall = { isOk: false, status: 0 }

/** Whether the server itself answered: a proxy or the sign-in page of a network says 200 to anything. */
const isAnswer = (body: unknown): boolean =>
  Array.isArray((body as Partial<EventsAnswer> | null | undefined)?.rejected)

/** 1 ends a pause the server did not ask for, 2 any. */
export type Haste = 0 | 1 | 2

/** Sends batch after batch. @returns the milliseconds until the next try; 0 where nothing waits any more */
export type SendAll = (haste: Haste) => Promise<number>

interface SendAllTools {
  stock: Stock
  pause: PauseKeeper
  turn: Turn
  /** Events of a batch at most. */
  batchSize: number
}

export function createSendAll(core: QueueCore, { stock, pause, turn, batchSize }: SendAllTools): SendAll {
  const { nowMs, random } = core.world

  async function send(batch: readonly WaitingEvent[]): Promise<CallResult> {
    const body = core.batchOf(batch.map(({ event }) => event))
    const sessionId = batch[0]?.sessionId
    const result = await core.parts.transport({ method: 'POST', path: '/api/events', body, sessionId })
    return result.isOk && !isAnswer(result.body) ? NO_ANSWER : result
  }

  async function accept(batch: readonly WaitingEvent[], body: unknown): Promise<void> {
    let rejected = 0
    // It was looked at when it came.
    for (const { index, code } of (body as EventsAnswer).rejected) {
      const event = batch[index]?.event
      if (!event) continue
      rejected += 1
      core.drop('rejected', [event], code)
    }
    if (pause.read()[1]) pause.end()
    await stock.settle(batch, batch.length - rejected)
  }

  async function giveUp(batch: readonly WaitingEvent[], failed: FailedCall, reason: 'refused' | 'too_large') {
    const events = batch.map(({ event }) => event)
    core.drop(reason, events, findRefusal(failed) ?? String(failed.status))
    await stock.settle(batch, 0)
  }

  /** @returns how to go on after a failure */
  async function judge(batch: readonly WaitingEvent[], failed: FailedCall): Promise<Verdict> {
    const failures = pause.read()[1] + 1
    const verdict = judgeFailure({ failed, count: batch.length, failures, nowMs, random })
    const { dropped, waitMs, isAsked = false } = verdict
    if (dropped) await giveUp(batch, failed, dropped)
    if (waitMs) {
      pause.keep([nowMs() + waitMs, failures, isAsked])
      await stock.stow()
    }
    return verdict
  }

  async function sendBatches(): Promise<number> {
    let maxEvents = batchSize
    let waitMs = 0
    while (core.isOpen && !waitMs) {
      turn.renew()
      const batch = await stock.pick({ maxEvents, maxBytes: MAX_BATCH_BYTES })
      if (batch.length === 0) break
      const result = await send(batch)
      if (result.isOk) {
        await accept(batch, result.body)
        maxEvents = batchSize
      } else {
        ;({ waitMs, maxEvents = maxEvents } = await judge(batch, result))
      }
    }
    return waitMs
  }

  return async (haste) => {
    try {
      const leftMs = pause.leftMs()
      const goesOn = haste === 2 || (haste === 1 && !pause.read()[2])
      if (!leftMs || goesOn) return await sendBatches()
      // Meanwhile IndexedDB has more room than localStorage.
      await stock.stow()
      return leftMs
    } finally {
      stock.rest()
    }
  }
}
