import { Problem } from '../platform/http/problem.ts'
import type { Append, EventLog } from './ports.ts'
import { unavailable } from './unavailable.ts'

export interface GroupCommitOptions {
  readonly append: EventLog['append']
  /** Rows of one commit; a single larger append still goes through, alone. */
  readonly maxRows: number
  /** Rows that may wait for a commit; beyond it callers are turned away. */
  readonly maxWaiting: number
}

/** Lets all requests of one turn of the loop share one commit. */
export interface GroupCommit {
  /**
   * Resolves once the rows are durable; per row, whether it was new.
   *
   * @throws Problem `server.busy` when too many wait, `server.unavailable` when the commit failed
   */
  append(append: Append): Promise<boolean[]>
}

interface Waiter {
  readonly append: Append
  resolve(isNew: boolean[]): void
  reject(problem: Problem): void
}

// One turn of the loop is enough to empty a queue that is not hopeless.
const RETRY_AFTER_SECONDS = 1
/** Turns a commit waits at most while requests keep coming in; a turn takes well under a millisecond. */
const MAX_SETTLING_TURNS = 8

const toProblem = (error: unknown): Problem => (error instanceof Problem ? error : unavailable(error))

/** Whether nothing can be stored now, so that trying the appends one by one is pointless. */
const isOutage = (error: unknown) => error instanceof Problem && error.code === 'server.unavailable'

export function createGroupCommit({ append, maxRows, maxWaiting }: GroupCommitOptions): GroupCommit {
  let waiting: Waiter[] = []
  let waitingRows = 0
  let isBusy = false

  function takeBatch(): Waiter[] {
    let rows = 0
    let taken = 0
    for (const waiter of waiting) {
      rows += waiter.append.rows.length
      if (taken > 0 && rows > maxRows) break
      taken += 1
    }
    const batch = waiting.slice(0, taken)
    waiting = waiting.slice(taken)
    for (const waiter of batch) waitingRows -= waiter.append.rows.length
    return batch
  }

  /** One append must not sink the others: each is tried alone, until the database itself turns out to be down. */
  async function commitOneByOne(batch: readonly Waiter[]): Promise<void> {
    let outage: Problem | undefined
    for (const waiter of batch) {
      if (outage) {
        waiter.reject(outage)
        continue
      }
      try {
        const [isNew = []] = await append([waiter.append])
        waiter.resolve(isNew)
      } catch (error) {
        waiter.reject(toProblem(error))
        if (isOutage(error)) outage = toProblem(error)
      }
    }
  }

  async function commit(batch: readonly Waiter[]): Promise<void> {
    try {
      const isNew = await append(batch.map((waiter) => waiter.append))
      for (const [index, waiter] of batch.entries()) waiter.resolve(isNew[index] ?? [])
    } catch (error) {
      if (batch.length > 1 && !isOutage(error)) return commitOneByOne(batch)
      for (const waiter of batch) waiter.reject(toProblem(error))
    }
  }

  async function flush(): Promise<void> {
    await commit(takeBatch())
    isBusy = false
    schedule()
  }

  /** Commits once a turn of the loop has brought nothing new: a fuller commit costs the same trip to the disk. */
  function settleThenFlush(seen: number, turnsLeft: number): void {
    // After the poll phase: by then every request that has arrived is waiting.
    setImmediate(() => {
      if (waiting.length > seen && turnsLeft > 0) settleThenFlush(waiting.length, turnsLeft - 1)
      else void flush()
    })
  }

  function schedule(): void {
    if (isBusy || waiting.length === 0) return
    isBusy = true
    settleThenFlush(waiting.length, MAX_SETTLING_TURNS)
  }

  return {
    append(one) {
      const rows = one.rows.length
      if (rows === 0) return Promise.resolve([])
      if (waitingRows > 0 && waitingRows + rows > maxWaiting) {
        return Promise.reject(new Problem('server.busy', { retryAfterSeconds: RETRY_AFTER_SECONDS }))
      }
      waitingRows += rows
      return new Promise((resolve, reject) => {
        waiting.push({ append: one, resolve, reject })
        schedule()
      })
    },
  }
}
