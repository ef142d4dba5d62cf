import { Problem } from '../platform/http/problem.ts'
import type { Append, EventLog } from './ports.ts'
import { createRoundRobin } from './round-robin.ts'
import { createShares } from './shares.ts'
import { unavailable } from './unavailable.ts'

/** How much, in rows and in bytes of payload. */
export interface Amount {
  readonly rows: number
  readonly bytes: number
}

export interface GroupCommitOptions {
  readonly append: EventLog['append']
  /** Of one commit; a single larger append still goes through, alone. */
  readonly commit: Amount
  /** What may wait for its commit; of that no session and no source takes more than it leaves to the others. */
  readonly waiting: Amount
}

/** Lets all requests of one turn of the loop share one commit. */
export interface GroupCommit {
  /**
   * Resolves once the rows are durable; per row, whether it was new.
   *
   * @throws Problem `server.busy` when too much waits, `server.unavailable` when the commit failed
   */
  append(append: Append): Promise<boolean[]>
}

interface Waiter {
  readonly append: Append
  readonly holders: readonly string[]
  readonly size: Amount
  resolve(isNew: boolean[]): void
  reject(problem: Problem): void
}

// One turn of the loop is enough to empty a queue that is not hopeless.
const RETRY_AFTER_SECONDS = 1
/** Turns a commit waits at most while requests keep coming in; a turn takes well under a millisecond. */
const MAX_SETTLING_TURNS = 8
/** What a row takes beside its payload: ids, numbers, the objects themselves. */
const ROW_BYTES = 500

const toProblem = (error: unknown): Problem => (error instanceof Problem ? error : unavailable(error))

/** Whether nothing can be stored now, so that trying the appends one by one is pointless. */
const isOutage = (error: unknown) => error instanceof Problem && error.code === 'server.unavailable'

/** Who waits: the session, and where its request came from. */
const holdersOf = ({ session, source }: Append) => [
  `session\n${session.siteId}\n${session.sessionId}`,
  ...(source === undefined ? [] : [`source\n${source}`]),
]

function sizeOf({ rows }: Append): Amount {
  let bytes = 0
  for (const { payloadJson } of rows) bytes += payloadJson.length + ROW_BYTES
  return { rows: rows.length, bytes }
}

/** Who waits for a commit. */
function createWaitingRoom({ rows, bytes }: Amount) {
  const queue = createRoundRobin<Waiter>()
  const rowShares = createShares(rows)
  const byteShares = createShares(bytes)

  function admit(waiter: Waiter): boolean {
    const { holders, size, append } = waiter
    if (!rowShares.take(holders, size.rows)) return false
    if (!byteShares.take(holders, size.bytes)) {
      rowShares.give(holders, size.rows)
      return false
    }
    queue.push(append.source ?? '', waiter)
    return true
  }

  function leave(): Waiter | undefined {
    const waiter = queue.shift()
    if (waiter) {
      rowShares.give(waiter.holders, waiter.size.rows)
      byteShares.give(waiter.holders, waiter.size.bytes)
    }
    return waiter
  }

  return {
    count: () => queue.size,
    admit,
    /** At least one; as many more as fit. */
    takeBatch(limit: Amount): Waiter[] {
      const batch: Waiter[] = []
      let taken: Amount = { rows: 0, bytes: 0 }
      for (let next = queue.peek(); next; next = queue.peek()) {
        taken = { rows: taken.rows + next.size.rows, bytes: taken.bytes + next.size.bytes }
        if (batch.length > 0 && (taken.rows > limit.rows || taken.bytes > limit.bytes)) break
        batch.push(next)
        leave()
      }
      return batch
    },
    refuseAll(problem: Problem): void {
      for (let waiter = leave(); waiter; waiter = leave()) waiter.reject(problem)
    },
  }
}

export function createGroupCommit({ append, commit: limit, waiting }: GroupCommitOptions): GroupCommit {
  const room = createWaitingRoom(waiting)
  let isBusy = false

  /** Who waited would meet the same, and only later. */
  function refuse(batch: readonly Waiter[], problem: Problem): void {
    for (const waiter of batch) waiter.reject(problem)
    room.refuseAll(problem)
  }

  /** One append must not sink the others: each is tried alone, until the database itself turns out to be down. */
  async function commitOneByOne(batch: readonly Waiter[]): Promise<void> {
    for (const [index, waiter] of batch.entries()) {
      try {
        const [isNew = []] = await append([waiter.append])
        waiter.resolve(isNew)
      } catch (error) {
        if (isOutage(error)) return refuse(batch.slice(index), toProblem(error))
        waiter.reject(toProblem(error))
      }
    }
  }

  async function commit(batch: readonly Waiter[]): Promise<void> {
    if (batch.length === 1) return commitOneByOne(batch)
    try {
      const isNew = await append(batch.map((waiter) => waiter.append))
      for (const [index, waiter] of batch.entries()) waiter.resolve(isNew[index] ?? [])
    } catch (error) {
      if (isOutage(error)) refuse(batch, toProblem(error))
      else await commitOneByOne(batch)
    }
  }

  async function flush(): Promise<void> {
    await commit(room.takeBatch(limit))
    isBusy = false
    schedule()
  }

  /** Commits once a turn of the loop has brought nothing new: a fuller commit costs the same trip to the disk. */
  function settleThenFlush(seen: number, turnsLeft: number): void {
    // After the poll phase: by then every request that has arrived is waiting.
    setImmediate(() => {
      const count = room.count()
      if (count > seen && turnsLeft > 0) settleThenFlush(count, turnsLeft - 1)
      else void flush()
    })
  }

  function schedule(): void {
    if (isBusy || room.count() === 0) return
    isBusy = true
    settleThenFlush(room.count(), MAX_SETTLING_TURNS)
  }

  return {
    append(one) {
      if (one.rows.length === 0) return Promise.resolve([])
      return new Promise((resolve, reject) => {
        const waiter = { append: one, holders: holdersOf(one), size: sizeOf(one), resolve, reject }
        if (room.admit(waiter)) schedule()
        else reject(new Problem('server.busy', { retryAfterSeconds: RETRY_AFTER_SECONDS }))
      })
    },
  }
}
