import { describe, expect, it } from 'vitest'
import { createMemoryProofReplays, type ProofReplays } from './proof-replays.ts'

interface Driver {
  readonly replays: ProofReplays
  nowMs(): number
  /** Lets time pass for the driver. */
  advance(ms: number): Promise<void> | void
}

/** Each way to remember used proofs; a further one is added here and must keep the same promises. */
const drivers: Readonly<Record<string, () => Promise<Driver> | Driver>> = {
  memory() {
    let nowMs = Date.UTC(2026, 0, 1)
    return {
      replays: createMemoryProofReplays({ nowMs: () => nowMs, maxProofs: 200 }),
      nowMs: () => nowMs,
      advance(ms) {
        nowMs += ms
      },
    }
  },
}

describe.each(Object.entries(drivers))('used proofs (%s)', (_name, open) => {
  it('takes a proof once, and another beside it', async () => {
    const { replays, nowMs } = await open()
    const untilMs = nowMs() + 1000
    expect([await replays.take('a', untilMs), await replays.take('a', untilMs)]).toEqual([true, false])
    expect(await replays.take('b', untilMs)).toBe(true)
  })

  it('is won by one of a hundred at once', async () => {
    const { replays, nowMs } = await open()
    const tries = Array.from({ length: 100 }, () => replays.take('a', nowMs() + 1000))
    expect((await Promise.all(tries)).filter(Boolean)).toHaveLength(1)
  })

  it('remembers it until it is of no use any more', async () => {
    const { replays, nowMs, advance } = await open()
    const untilMs = nowMs() + 1000
    await replays.take('a', untilMs)
    await advance(999)
    expect(await replays.take('a', untilMs)).toBe(false)
    await advance(1)
    expect(await replays.take('a', nowMs() + 1000)).toBe(true)
  })
})

it('takes nothing more while memory is full, rather than forget a proof that was used', () => {
  let nowMs = 0
  const replays = createMemoryProofReplays({ nowMs: () => nowMs, maxProofs: 2 })
  expect(['a', 'b', 'c', 'a'].map((proof) => replays.take(proof, 1000))).toEqual([true, true, false, false])
  nowMs = 1000
  expect(replays.take('c', 2000)).toBe(true)
})
