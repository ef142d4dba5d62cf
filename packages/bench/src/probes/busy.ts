import type { Browser, Page } from 'playwright-core'

/** What observing cost the page's main thread, in ms. */
export interface Busy {
  /** From the call to the answer. */
  readonly totalMs: number
  /** Sum of its tasks in that time. */
  readonly busyMs: number
  /** The longest of them: nothing of the page runs meanwhile. */
  readonly blockMs: number
  /** What of busyMs the processor worked for it; the rest was waiting, or for other programs on the machine. */
  readonly processorMs: number
}

interface TraceEvent {
  readonly name: string
  readonly ph: string
  readonly pid: number
  readonly tid: number
  /** Microseconds. */
  readonly ts: number
  readonly dur?: number
  /** Of `dur`, what the thread had the processor. */
  readonly tdur?: number
}

const CATEGORIES = ['disabled-by-default-devtools.timeline', 'blink.user_timing', 'toplevel']
const START = 'bench-start'
const END = 'bench-end'

/**
 * The main thread's tasks between the two marks, as the browser itself traced them: asking from inside the page would
 * keep it from being idle, which is what well-behaved collectors wait for.
 */
function readTrace(events: readonly TraceEvent[]): Busy {
  const mark = (name: string) => events.find((event) => event.name === name)
  const [start, end] = [mark(START), mark(END)]
  if (!start || !end) throw new Error('The trace has lost its marks.')
  const tasks = events
    .filter(({ name, pid, tid }) => name === 'RunTask' && pid === start.pid && tid === start.tid)
    .map(({ ts, dur = 0, tdur = 0 }) => ({ wall: Math.min(ts + dur, end.ts) - Math.max(ts, start.ts), tdur }))
    .filter(({ wall }) => wall > 0)
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0) / 1000
  return {
    totalMs: (end.ts - start.ts) / 1000,
    busyMs: sum(tasks.map(({ wall }) => wall)),
    blockMs: Math.max(0, ...tasks.map(({ wall }) => wall)) / 1000,
    processorMs: sum(tasks.map(({ tdur }) => tdur)),
  }
}

async function openPage(browser: Browser, url: string, slowDown: number): Promise<Page> {
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.goto(url, { waitUntil: 'networkidle' })
  const devtools = await context.newCDPSession(page)
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: slowDown })
  return page
}

/** Observes once in a fresh context, whose script is there and which is idle otherwise. */
export async function measureBusy(browser: Browser, url: string, slowDown: number): Promise<Busy> {
  const page = await openPage(browser, url, slowDown)
  try {
    await browser.startTracing(page, { categories: CATEGORIES })
    await page.evaluate(
      ([start, end]) =>
        // In a task of its own, so that the one that came over the debugger's line is not counted.
        new Promise<void>((resolve) => {
          setTimeout(async () => {
            performance.mark(start)
            await (globalThis as unknown as { observe(): Promise<unknown> }).observe()
            performance.mark(end)
            resolve()
          }, 50)
        }),
      [START, END] as const,
    )
    const trace = await browser.stopTracing()
    return readTrace((JSON.parse(trace.toString()) as { traceEvents: TraceEvent[] }).traceEvents)
  } finally {
    await page.context().close()
  }
}
