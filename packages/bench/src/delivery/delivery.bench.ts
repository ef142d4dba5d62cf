import type { Finding } from '../measure.ts'
import { launchChromium } from '../sdk/browser.ts'
import { bundleRivals, type Contender, OURS } from './contenders.ts'
import { EXITS } from './exits.ts'
import { type Lane, openLane } from './lane.ts'
import { type Cell, runCell } from './run-cell.ts'
import { type Result, type Row, summarise, titleOf, type Visit } from './summarise.ts'

const RUNS = 3
/** Cells at a time; most of each is waiting. */
const LANES = 3

/** As a person's browser, which does not say that it is driven; and no request to anywhere else. */
const FLAGS = [
  '--disable-blink-features=AutomationControlled',
  '--disable-component-update',
  '--disable-sync',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE *.localhost, EXCLUDE 127.0.0.1',
]

/** Who is measured; ours also where nobody has been before. */
const visitsOf = (rivals: readonly Contender[]): Visit[] => [
  { contender: OURS, isFirstVisit: false },
  { contender: OURS, isFirstVisit: true },
  ...rivals.map((contender) => ({ contender, isFirstVisit: false })),
]

/** Each visit by each exit, all of them once before any of them again. */
const listCells = (visits: readonly Visit[]): (Cell & { visit: Visit; exitName: string })[] =>
  Array.from({ length: RUNS }, (_, run) => run)
    .flatMap((run) =>
      visits.flatMap((visit) =>
        Object.entries(EXITS).map(([exitName, exit]) => ({ ...visit, visit, exitName, exit, run })),
      ),
    )
    .map((cell, index) => ({ ...cell, number: index + 1 }))

async function runAll(lanes: readonly Lane[], visits: readonly Visit[]): Promise<Row[]> {
  const cells = listCells(visits)
  const results: (Result & { visit: Visit })[] = []
  const waiting = cells.values()
  await Promise.all(
    lanes.map(async (lane) => {
      // One iterator for all lanes: each takes the next cell when it is done with its last.
      for (const cell of waiting) {
        const { visit, exitName, number } = cell
        const outcome = await runCell(lane, cell)
        results.push({ visit, exitName, outcome })
        console.error(`${number}/${cells.length} ${titleOf(visit)}, ${exitName}:`, JSON.stringify(outcome))
      }
    }),
  )
  return visits.map((visit) => ({ ...visit, results: results.filter((result) => result.visit === visit) }))
}

/**
 * What is left of 20 events when a visitor goes, in real Chromium: ours with the real server and its database, the
 * others with a collector that plays their server.
 */
export async function benchDelivery(): Promise<Finding[]> {
  const visits = visitsOf(await bundleRivals())
  const browser = await launchChromium(FLAGS)
  const lanes: Lane[] = []
  try {
    while (lanes.length < LANES) lanes.push(await openLane(browser))
    return summarise(await runAll(lanes, visits))
  } finally {
    await browser.close()
    await Promise.all(lanes.map((lane) => lane.close()))
  }
}
