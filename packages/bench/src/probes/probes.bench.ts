import type { Browser } from 'playwright-core'
import { describeLoad } from '../machine.ts'
import { type Finding, type Found, median } from '../measure.ts'
import { findChromium, launchChromium, NO_CHROMIUM } from '../sdk/browser.ts'
import type { FigureTable } from '../table.ts'
import { type Busy, measureBusy } from './busy.ts'
import { bundleObservers, type Observer } from './contenders.ts'
import { type Pages, servePages } from './pages.ts'

const ROUNDS = 10
const MOST_BUSY_MS = 60

/** Without a GPU there is no WebGL; with SwiftShader there is, at its dearest: every draw is done by the processor. */
const SETTINGS = [
  { name: 'without WebGL', flags: [] },
  {
    name: 'with SwiftShader',
    flags: ['--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'],
  },
] as const

const SPEEDS = [
  { name: 'full speed', slowDown: 1, mostBlockMs: 16, mostBusyMs: MOST_BUSY_MS },
  { name: '4 × slower', slowDown: 4, mostBlockMs: 50, mostBusyMs: undefined },
] as const

type Speed = (typeof SPEEDS)[number]

/** Every observer once before any of them again, so that a busy moment of the machine meets them alike. */
async function measureAll(
  browser: Browser,
  pages: Pages,
  { observers, slowDown }: { observers: readonly Observer[]; slowDown: number },
): Promise<Map<Observer, Busy[]>> {
  const measured = new Map<Observer, Busy[]>(observers.map((observer) => [observer, []]))
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const observer of observers) {
      measured.get(observer)?.push(await measureBusy(browser, pages.urlOf(observer), slowDown))
    }
  }
  return measured
}

const of = (runs: readonly Busy[], read: keyof Busy) => runs.map((run) => run[read])
const ms = (value: number) => value.toFixed(1)

/** Median, and least and greatest of the runs beside it. */
function describe(values: readonly number[], more = ''): string {
  const [least, greatest] = [Math.min(...values), Math.max(...values)].map(ms)
  return `${ms(median(values))} ms (${least} to ${greatest}${more})`
}

/** What ours is held against. */
function toFindings(what: string, runs: readonly Busy[], { mostBusyMs, mostBlockMs }: Speed): Finding[] {
  const line = (name: string, read: 'blockMs' | 'busyMs', most: number): Finding => {
    const values = of(runs, read)
    const processor = read === 'busyMs' ? `, processor ${ms(median(of(runs, 'processorMs')))}` : ''
    return {
      what: `${what}: ${name}`,
      value: describe(values, processor),
      bar: `≤ ${most} ms`,
      isReached: median(values) <= most,
    }
  }
  return [
    ...(mostBusyMs === undefined ? [] : [line('main thread busy', 'busyMs', mostBusyMs)]),
    line('longest block', 'blockMs', mostBlockMs),
  ]
}

/** Ours and the others side by side. */
const toTable = (title: string, measured: ReadonlyMap<Observer, readonly Busy[]>): FigureTable => ({
  title,
  head: ['observer', 'main thread busy', 'of that, processor', 'longest block', 'from call to answer'],
  rows: [...measured].map(([{ name }, runs]) => [
    name,
    describe(of(runs, 'busyMs')),
    `${ms(median(of(runs, 'processorMs')))} ms`,
    describe(of(runs, 'blockMs')),
    describe(of(runs, 'totalMs')),
  ]),
})

async function benchSetting(
  { name, flags }: (typeof SETTINGS)[number],
  pages: Pages,
  observers: readonly Observer[],
): Promise<Found> {
  const browser = await launchChromium(flags)
  const findings: Finding[] = []
  const tables: FigureTable[] = []
  try {
    for (const speed of SPEEDS) {
      const measured = await measureAll(browser, pages, { observers, slowDown: speed.slowDown })
      const where = `${speed.name}, ${name}`
      const [ours] = measured
      if (ours) findings.push(...toFindings(`probes at ${where}`, ours[1], speed))
      tables.push(toTable(`Observing at ${where}`, measured))
    }
  } finally {
    await browser.close()
  }
  return { findings, tables }
}

/** What observing a browser costs the page, ours against the libraries it is measured by, in real Chromium. */
export async function benchProbes(): Promise<Found> {
  if (!findChromium()) {
    const [{ mostBusyMs, mostBlockMs }, { mostBlockMs: mostSlowMs }] = SPEEDS
    const bar = `≤ ${mostBusyMs} ms busy, ≤ ${mostBlockMs} ms a block, ≤ ${mostSlowMs} at 4 × slower`
    return { findings: [{ what: 'probes', value: `not measured: ${NO_CHROMIUM}`, bar }], tables: [] }
  }
  const observers = await bundleObservers()
  const pages = await servePages(observers)
  const before = describeLoad()
  const parts: Found[] = []
  try {
    for (const setting of SETTINGS) parts.push(await benchSetting(setting, pages, observers))
  } finally {
    pages.close()
  }
  return {
    findings: [
      ...parts.flatMap(({ findings }) => findings),
      // Blocks are of the clock: other programs make them longer.
      { what: '… load of the machine before and after', value: `${before}; ${describeLoad()}`, bar: '' },
    ],
    tables: parts.flatMap(({ tables }) => tables),
  }
}
