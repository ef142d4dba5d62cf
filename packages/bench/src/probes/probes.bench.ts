import { cpus, loadavg } from 'node:os'
import type { Browser } from 'playwright-core'
import { type Finding, median } from '../measure.ts'
import { launchChromium } from '../sdk/browser.ts'
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

/** Medians, and least and greatest of the runs beside them. Bars are ours alone. */
function toFindings(what: string, runs: readonly Busy[], bars: Speed | undefined): Finding[] {
  const processorMs = ms(median(of(runs, 'processorMs')))
  const line = (name: string, read: 'blockMs' | 'busyMs', most: number | undefined): Finding => {
    const values = of(runs, read)
    const value = median(values)
    const [least, greatest] = [Math.min(...values), Math.max(...values)].map(ms)
    const processor = read === 'busyMs' ? `, processor ${processorMs}` : ''
    return {
      what: `${what}: ${name}`,
      value: `${ms(value)} ms (${least} to ${greatest}${processor})`,
      bar: most === undefined ? '' : `≤ ${most} ms`,
      ...(most !== undefined && { isReached: value <= most }),
    }
  }
  return [
    line('main thread busy', 'busyMs', bars?.mostBusyMs),
    line('longest block', 'blockMs', bars?.mostBlockMs),
  ]
}

async function benchSetting(
  { name, flags }: (typeof SETTINGS)[number],
  pages: Pages,
  observers: readonly Observer[],
): Promise<Finding[]> {
  const browser = await launchChromium(flags)
  const findings: Finding[] = []
  try {
    for (const speed of SPEEDS) {
      const measured = await measureAll(browser, pages, { observers, slowDown: speed.slowDown })
      for (const [observer, runs] of measured) {
        const bars = observer === observers[0] ? speed : undefined
        findings.push(...toFindings(`${observer.name}, ${speed.name}, ${name}`, runs, bars))
      }
    }
  } finally {
    await browser.close()
  }
  // Blocks are of the clock: other programs make them longer.
  const load = `${(loadavg()[0] ?? 0).toFixed(1)} on ${cpus().length} processors`
  return [...findings, { what: `load of the machine after that, ${name}`, value: load, bar: '' }]
}

/** What observing a browser costs the page, ours against the libraries it is measured by, in real Chromium. */
export async function benchProbes(): Promise<Finding[]> {
  const observers = await bundleObservers()
  const pages = await servePages(observers)
  const findings: Finding[] = []
  try {
    for (const setting of SETTINGS) findings.push(...(await benchSetting(setting, pages, observers)))
  } finally {
    pages.close()
  }
  return findings
}
