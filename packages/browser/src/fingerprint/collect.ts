import type { SignalName } from '@helloagain/recognition'

type Found = boolean | number | string | readonly string[] | readonly number[] | undefined
/** Raw values by signal; `isUnstable` where two readings differ. */
export type Findings = { readonly [name in SignalName]?: Found | { isUnstable: true } }

/** Reads one or a few signals. May throw, may take its time; a long one calls `pause` between its steps. */
export type Probe = (pause: () => Promise<void>) => Findings | Promise<Findings>

export interface Collection {
  /** Raw values by signal name. */
  raw: Record<string, Exclude<Found, undefined>>
  /** Signals to which the browser adds noise. */
  unstable: string[]
  /** True where the time ran out first. */
  isPartial: boolean
}

export interface CollectOptions {
  /** Milliseconds from the call to the answer. */
  timeBoundMs: number
  /** Waits for the page to be idle. */
  nextSlice(): Promise<void>
  nowMs(): number
  setTimeout(work: () => void, delayMs: number): unknown
}

/** A slice that has worked this long ends; so a block lasts this and one probe. */
const SLICE_BUDGET_MS = 4

/**
 * Runs probes in order, in idle slices, and answers what is known when all are done or time is up. A probe that
 * throws or never answers costs only itself. Never rejects.
 */
export function collect(probes: Record<string, Probe>, options: CollectOptions): Promise<Collection> {
  const { timeBoundMs, nextSlice, nowMs, setTimeout } = options
  const collection: Collection = { raw: {}, unstable: [], isPartial: true }
  let isOver = false

  // After the answer was given nothing runs on and nothing is written any more: a late write would change it.
  const pause = () => (isOver ? new Promise<void>(() => undefined) : nextSlice())
  const take = (findings: Findings) => {
    if (!isOver) takeFindings(collection, findings)
  }

  /** Runs one probe; its promise where the answer comes later. */
  function start(probe: Probe): Promise<void> | undefined {
    try {
      const answer = probe(pause)
      if (answer instanceof Promise) return answer.then(take).catch(() => undefined)
      take(answer)
    } catch {
      // What cannot be read is missing, like what the browser does not have.
    }
    return undefined
  }

  async function runAll(): Promise<void> {
    const waiting: (Promise<void> | undefined)[] = []
    await nextSlice()
    let sliceStartedAtMs = nowMs()
    for (const probe of Object.values(probes)) {
      if (nowMs() - sliceStartedAtMs > SLICE_BUDGET_MS) {
        await pause()
        sliceStartedAtMs = nowMs()
      }
      if (isOver) return
      waiting.push(start(probe))
    }
    await Promise.all(waiting)
    collection.isPartial = false
  }

  return new Promise((resolve) => {
    const finish = () => {
      isOver = true
      resolve(collection)
    }
    setTimeout(finish, timeBoundMs)
    runAll().then(finish, finish)
  })
}

/** What is known for noise stays out, whoever reads it. */
function takeFindings({ raw, unstable }: Collection, findings: Findings): void {
  for (const [name, value] of Object.entries(findings)) {
    if (unstable.includes(name)) continue
    if (typeof value === 'object' && 'isUnstable' in value) unstable.push(name)
    else if (value !== undefined) raw[name] = value
  }
}
