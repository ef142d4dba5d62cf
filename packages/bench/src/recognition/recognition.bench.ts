import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { startWeights } from '../../../recognition/src/linkage.ts'
import type { RecognitionOptions } from '../arguments.ts'
import { benchChanges } from '../changes/changes.bench.ts'
import { describeLoad, describeMachine } from '../machine.ts'
import { type Finding, type Found, renderTable } from '../measure.ts'
import { benchProbes } from '../probes/probes.bench.ts'
import { benchPairs } from './pairs/pairs.bench.ts'
import { drawReliability, drawRiskCoverage } from './plot/plots.ts'
import {
  calibrationBar,
  describePopulationReport,
  describeSize,
  enthusiastBars,
  learningBars,
  mergeBar,
  mixedBars,
  tabulateWorld,
  twinBar,
} from './run/describe.ts'
import { type Job, type Report, type Reports, runJobs } from './run/jobs.ts'
import type { WorldJob, WorldReport } from './run/world-job.ts'
import { benchDecisionTime } from './speed/speed.bench.ts'

const MIXED = 'test-mixed-7d'
const POISSON = 'test-mixed-poisson'
const ENTHUSIASTS = 'test-enthusiasts-7d'
const FLEETS = 'test-fleets-7d'

/** So many browsers of each that all worlds take about ten minutes on two cores. */
const BY_SIGNALS: Readonly<Record<string, number>> = {
  [MIXED]: 6000,
  [POISSON]: 4000,
  'test-enthusiasts-1d': 300,
  'test-enthusiasts-3d': 600,
  [ENTHUSIASTS]: 1905,
  'test-enthusiasts-10d': 1905,
  'test-enthusiasts-20d': 1905,
  'test-phones-7d': 2500,
  [FLEETS]: 4000,
  'test-calm-7d': 2000,
  'test-cadence-10d': 2000,
  'test-docked-3d': 600,
  'test-travellers-7d': 2000,
  'test-noise-7d': 2000,
}
/** Worlds in which storage is lost: what they are about shows only where it is seen. */
const WITH_EVIDENCE: Readonly<Record<string, number>> = {
  [MIXED]: 2000,
  'test-cleared-7d': 2000,
  'test-capped-10d': 2000,
  'test-private-3d': 600,
}
// These two are never made smaller: what they tell hangs on their size.
const LEARNING_BROWSERS = 2500
const POPULATION = 300_000

const CHARTS = new URL('../../../../docs/benchmarks/', import.meta.url)

const hashOf = (text: string) => createHash('sha256').update(text).digest('hex')

/** What the figures hang on: anybody can tell by these whether they are of the same worlds and the same engine. */
function describeFrozen(): Finding[] {
  const worlds = readFileSync(new URL('world/worlds.sha256', import.meta.url), 'utf8')
  return [
    { what: 'worlds and their generator, SHA-256 of world/worlds.sha256', value: hashOf(worlds), bar: '' },
    {
      what: 'frozen parameters, SHA-256 of the start weights',
      value: hashOf(JSON.stringify(startWeights())),
      bar: '',
    },
  ]
}

/** Longest first, so that two workers end at about the same time. */
function listJobs(share: number): Job[] {
  const part = (browsers: number) => Math.max(1, Math.round(share * browsers))
  const worlds = (names: Readonly<Record<string, number>>, sees: WorldJob['sees']) =>
    Object.entries(names).map(
      ([name, browsers]): Job => ({ kind: 'world', name, sees, browsers: part(browsers) }),
    )
  return [
    { kind: 'learning', name: POISSON, weights: 'bold', browsers: LEARNING_BROWSERS },
    { kind: 'learning', name: POISSON, weights: 'timid', browsers: LEARNING_BROWSERS },
    { kind: 'learning', name: POISSON, weights: 'published', browsers: LEARNING_BROWSERS },
    ...worlds(BY_SIGNALS, 'signals'),
    ...worlds(WITH_EVIDENCE, 'everything'),
  ]
}

function ofKind<Kind extends keyof Reports>(reports: readonly Report[], kind: Kind): Reports[Kind][] {
  // Every report carries the kind of its job.
  return reports.filter((one) => one.kind === kind).map(({ report }) => report as Reports[Kind])
}

function findWorldReport(worlds: readonly WorldReport[], name: string): WorldReport {
  const found = worlds.find((world) => world.name === name && world.sees === 'signals')
  if (!found) throw new Error(`${name} was not run.`)
  return found
}

/** The plots of docs/recognition.md: of the mixed world, every linker. */
function drawPlots(world: WorldReport): void {
  mkdirSync(CHARTS, { recursive: true })
  const linkers = world.linkers.map(({ name, isOurs, score }) => ({
    ...{ name, isOurs, bins: score.bins, points: score.risk },
  }))
  const of = describeSize(world)
  writeFileSync(new URL('recognition-reliability.svg', CHARTS), drawReliability(of, linkers))
  writeFileSync(new URL('recognition-risk-coverage.svg', CHARTS), drawRiskCoverage(of, linkers))
}

/** Who measured, when, how much of it and how long: the table stands for itself. */
function describeRun(
  share: number,
  { startedAt, loadBefore }: { startedAt: Date; loadBefore: string },
): Finding[] {
  const minutes = Math.round((Date.now() - startedAt.getTime()) / 60_000)
  return [
    {
      what: 'this run',
      value: `${startedAt.toISOString().slice(0, 16).replace('T', ' ')} UTC, ${minutes} min, ${describeMachine()}`,
      bar: '',
    },
    {
      what: '… of each world and store',
      value:
        share === 1
          ? 'all'
          : `a share of ${share}: figures of fewer browsers, and of smaller stores, as the rows say`,
      bar: '',
    },
    { what: "… load of the machine before; the bench's own is 1 to 2", value: loadBefore, bar: '' },
  ]
}

function countReached(bars: readonly Finding[]): Finding {
  const held = bars.filter(({ bar }) => bar !== '')
  const count = (isReached: boolean | undefined) => held.filter((one) => one.isReached === isReached).length
  const value = `${count(true)} of ${held.length}; missed ${count(false)}, not measured ${count(undefined)}`
  return { what: 'bars reached', value, bar: '' }
}

async function describePopulation(): Promise<Finding[]> {
  const reports = await runJobs([{ kind: 'population', name: MIXED, browsers: POPULATION }], 1)
  return ofKind(reports, 'population').flatMap(describePopulationReport)
}

/** Every bar of recognition in one table, against its rivals in the same run; the population first. */
export async function benchRecognition(options: RecognitionOptions, isWritten: boolean): Promise<Found> {
  const { share = 1, pairs } = options
  const run = { startedAt: new Date(), loadBefore: describeLoad() }
  // At once: a file that is not there ends the run before its twenty minutes.
  const realPairs = benchPairs(pairs)
  const population = await describePopulation()
  console.error(renderTable(population))
  // What is of the clock goes alone, before workers fill the processors.
  console.error('measuring decision time …')
  const speed = await benchDecisionTime(share)
  console.error('measuring probes …')
  const probes = await benchProbes()
  // Beside the workers: browsers have time enough, and nothing of this is of the clock.
  const [changes, reports] = await Promise.all([
    benchChanges(),
    runJobs(listJobs(share), Math.max(1, Math.min(4, availableParallelism()))),
  ])
  const worlds = ofKind(reports, 'world')
  const mixed = findWorldReport(worlds, MIXED)
  const poisson = findWorldReport(worlds, POISSON)
  const enthusiasts = findWorldReport(worlds, ENTHUSIASTS)
  const fleets = findWorldReport(worlds, FLEETS)
  if (isWritten) drawPlots(mixed)
  const bars = [
    ...population,
    // In the order in which the bars are set.
    ...enthusiastBars(enthusiasts),
    ...[mixed, poisson].flatMap(mixedBars),
    ...changes.findings,
    mergeBar(fleets),
    ...[mixed, poisson, enthusiasts, fleets].map(calibrationBar),
    ...realPairs,
    twinBar(fleets),
    ...speed,
    ...probes.findings,
    ...ofKind(reports, 'learning').flatMap(learningBars),
  ]
  return {
    findings: [...describeRun(share, run), countReached(bars), ...describeFrozen(), ...bars],
    tables: [...worlds.map(tabulateWorld), ...changes.tables, ...probes.tables],
  }
}
