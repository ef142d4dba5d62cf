import type { Log } from '../log.ts'

/** Work that comes round again and again while the server runs. */
export interface Job {
  /** For the log. */
  readonly name: string
  readonly everyMs: number
  /** Ends early when the signal says so; what it rejects with is logged, and the next round comes all the same. */
  run(signal: AbortSignal): Promise<void>
}

/** The clock's hands, so that tests can turn them. */
export interface JobTimers {
  /** Calls back once after `ms`. Answers how to call it off. */
  after(ms: number, callback: () => void): () => void
  /** From 0 to below 1. */
  random(): number
}

export interface Jobs {
  /** Begins the rounds; the first ones come soon, not all at once. */
  start(): void
  /** Calls off the rounds to come, tells the running ones to end, and resolves when they have. */
  stop(): Promise<void>
}

/** The first rounds of servers that start together, and of one server's jobs, lie apart by up to this. */
const START_SPREAD_MS = 30_000
/** So many parts of a pause more or less, so that servers do not fall into step. */
const JITTER = 0.1

const machineTimers: JobTimers = {
  after(ms, callback) {
    // A server that has nothing else to do may end.
    const timer = setTimeout(callback, ms).unref()
    return () => clearTimeout(timer)
  },
  random: Math.random,
}

/** Runs jobs, each one alone with itself: a round that takes long delays the next. */
export function createJobs(
  jobs: readonly Job[],
  { log, timers = machineTimers }: { log: Log; timers?: JobTimers },
): Jobs {
  const stopping = new AbortController()
  const running = new Set<Promise<void>>()
  const calledOff = new Map<Job, () => void>()

  async function round(job: Job): Promise<void> {
    try {
      await job.run(stopping.signal)
    } catch (error) {
      if (!stopping.signal.aborted)
        log.error({ err: error, job: job.name }, 'a job failed; it is tried again')
    }
    schedule(job, job.everyMs * (1 - JITTER + 2 * JITTER * timers.random()))
  }

  function schedule(job: Job, inMs: number): void {
    if (stopping.signal.aborted) return
    const callOff = timers.after(inMs, () => {
      const work = round(job).finally(() => running.delete(work))
      running.add(work)
    })
    calledOff.set(job, callOff)
  }

  return {
    start() {
      for (const job of jobs) schedule(job, START_SPREAD_MS * timers.random())
    },
    async stop() {
      stopping.abort()
      for (const callOff of calledOff.values()) callOff()
      await Promise.all(running)
    },
  }
}
