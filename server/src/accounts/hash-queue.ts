import { Problem } from '../platform/http/problem.ts'

export interface HashQueueOptions {
  /** Hashes at the same time; each takes 19 MiB and a thread. @default 2 */
  readonly maxRunning?: number
  /** Hashes that may wait; the next one is refused. @default 64 */
  readonly maxWaiting?: number
}

/** Runs costly work a few at a time (SECURITY.md R9). */
export interface HashQueue {
  /** @throws Problem `auth.busy` with Retry-After when the queue is full */
  run<T>(work: () => Promise<T>): Promise<T>
}

export function createHashQueue({ maxRunning = 2, maxWaiting = 64 }: HashQueueOptions = {}): HashQueue {
  const waiting: (() => void)[] = []
  let running = 0

  async function enter(): Promise<void> {
    if (running < maxRunning) {
      running += 1
      return
    }
    if (waiting.length >= maxWaiting) throw new Problem('auth.busy', { retryAfterSeconds: 1 })
    // Who leaves hands its place over, so that nobody who comes in between can take it.
    await new Promise<void>((resolve) => waiting.push(resolve))
  }
  function leave(): void {
    const next = waiting.shift()
    if (next) next()
    else running -= 1
  }

  return {
    async run(work) {
      await enter()
      try {
        return await work()
      } finally {
        leave()
      }
    },
  }
}
