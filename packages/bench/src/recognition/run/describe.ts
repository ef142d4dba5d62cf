import type { Finding } from '../../measure.ts'
import type { FigureTable } from '../../table.ts'
import { BINS } from '../score/calibration.ts'
import { LINKER_HEAD, linkerRow } from '../score/linker-table.ts'
import type { LinkerScore } from '../score/score-linker.ts'
import { LABELLED, type LearningReport } from './learning-job.ts'
import type { PopulationReport } from './population-job.ts'
import type { Tier, WorldReport } from './world-job.ts'

const percent = (value: number, digits = 2) => `${(100 * value).toFixed(digits)} %`
const per10k = (value: number) => value.toFixed(2)

type Held = readonly [what: string, value: string, bar: string, isReached: boolean]
const held = (...[what, value, bar, isReached]: Held): Finding => ({ what, value, bar, isReached })

/** Studies' figures for a population of this size: research of 2018 to 2020, see docs/recognition.md. */
export function describePopulationReport({ name, statistics }: PopulationReport): Finding[] {
  const { browsers, jointBits, summedBits, crowds } = statistics
  const ratio = summedBits / jointBits
  const crowd = (group: string) => crowds[group] ?? { unique: Number.NaN, medianSet: Number.NaN }
  const size = `${name}'s people, ${browsers.toLocaleString('en')} browsers`
  return [
    held(
      `${size}: joint entropy`,
      `${jointBits.toFixed(2)} bits`,
      '13–15 bits',
      jointBits >= 13 && jointBits <= 15,
    ),
    held('… attributes summed / joint', ratio.toFixed(2), '4–5', ratio >= 4 && ratio <= 5),
    held(
      '… unique desktops',
      percent(crowd('desktop').unique, 1),
      '12–36 %',
      crowd('desktop').unique >= 0.12 && crowd('desktop').unique <= 0.36,
    ),
    held(
      '… unique phones and tablets',
      percent(crowd('mobile').unique, 1),
      'about 18 %',
      Math.abs(crowd('mobile').unique - 0.18) <= 0.05,
    ),
    held(
      '… browsers alike with the middle iPhone',
      String(crowd('iphone').medianSet),
      '≥ 100',
      crowd('iphone').medianSet >= 100,
    ),
  ]
}

const describeTier = ({ method, answers, right }: Tier) =>
  method === 'new' || method === 'none'
    ? `${method} ${answers} (${percent(right, 1)} first visits)`
    : `${method} ${answers} (${percent(right)} right)`

/** How much of a world was run, and by which evidence. */
export const describeSize = ({ name, sees, browsers, visits, returns }: WorldReport): string => {
  const evidence = sees === 'signals' ? 'by signals alone' : 'with key, cookie and network'
  const [many, often, again] = [browsers, visits, returns].map((count) => count.toLocaleString('en'))
  return `${name}, ${evidence}: ${many} browsers, ${often} visits, ${again} returns`
}

/** A world's linkers, ours first; then by which evidence we answered. */
export const tabulateWorld = (world: WorldReport): FigureTable => ({
  title: `${describeSize(world)}; ours: ${world.tiers.map(describeTier).join(', ')}`,
  head: LINKER_HEAD,
  rows: world.linkers.map(({ name, score }) => linkerRow(name, score)),
})

const scoreOf = ({ linkers }: WorldReport, isWanted: (name: string) => boolean): LinkerScore => {
  const found = linkers.find(({ name }) => isWanted(name))
  if (!found) throw new Error('No such linker.')
  return found.score
}
const oursOf = (world: WorldReport) => scoreOf(world, (name) => name === world.linkers[0]?.name)

/** How long the paper's kind of people is followed, against the paper's rules. */
export function enthusiastBars(world: WorldReport): Finding[] {
  const { tracking: ours, kept } = oursOf(world)
  const rules = scoreOf(world, (name) => name.startsWith('FP-Stalker rules (paper)')).tracking
  const ratio = ours.averageDays / rules.averageDays
  return [
    held(
      `${world.name}: average tracking against FP-Stalker's rules`,
      `${ratio.toFixed(2)} × (${ours.averageDays.toFixed(1)} d, rules ${rules.averageDays.toFixed(1)} d; by what is acted on ${kept.averageDays.toFixed(1)} d)`,
      '≥ 1.2 ×',
      ratio >= 1.2,
    ),
    held('… ownership', ours.ownership.toFixed(4), '≥ .99', ours.ownership >= 0.99),
  ]
}

/** How many returns are recognised, and how surely, against the best rival. */
export function mixedBars(world: WorldReport): Finding[] {
  const ours = oursOf(world)
  const rivals = world.linkers.filter(({ isOurs }) => !isOurs)
  const best = rivals.reduce((one, other) => (other.score.best.recall > one.score.best.recall ? other : one))
  const ratio = ours.best.recall / best.score.best.recall
  const against =
    best.score.best.recall > 0
      ? `${ratio.toFixed(2)} × (${best.name} ${percent(best.score.best.recall)})`
      : 'no rival reaches the precision'
  const { sure } = ours
  return [
    held(
      `${world.name}: precision of answers ≥ 99`,
      percent(sure.precision),
      '≥ 99 %',
      sure.answers > 0 && sure.precision >= 0.99,
    ),
    held(
      '… recall of returns at a precision of 99 %, against the best rival',
      `${percent(ours.best.recall)}; ${against}`,
      '≥ 1.5 ×',
      ours.best.recall > 0 && ours.best.recall >= 1.5 * best.score.best.recall,
    ),
  ]
}

/** How honest the confidences are. */
export const calibrationBar = (world: WorldReport): Finding => {
  const { ece } = oursOf(world)
  return held(
    `${world.name}: calibration error (ECE), ${BINS} bins of equally many answers`,
    `${ece.mass.toFixed(4)} (equal width ${ece.width.toFixed(4)})`,
    '≤ .02',
    ece.mass <= 0.02,
  )
}

/** How seldom machines of a fleet are taken for each other. */
export function mergeBar(world: WorldReport): Finding {
  const { falseMergesPer10k: merges } = oursOf(world)
  return held(`${world.name}: false merges per 10,000 visits`, per10k(merges), '< 1', merges < 1)
}

/** Whether anybody is named where a twin is about. */
export const twinBar = ({ name, twins: { visits, answered } }: WorldReport): Finding =>
  held(
    `${name}: answers ≥ 90 to visits that look exactly like another browser`,
    `${answered} of ${visits}`,
    '0',
    answered === 0,
  )

/** The bars that a site's learning from its own visits decides: wrong weights heal, and it knows how good it is. */
export const learningBars = (report: LearningReport): Finding[] =>
  report.weights === 'published' ? qualityBars(report) : [healingBar(report)]

const healingBar = ({ name, browsers, weights, labelled, before, after, version }: LearningReport): Finding =>
  held(
    `${name}: calibration error (ECE) after healing from wrong weights (${weights})`,
    `${after.ece.toFixed(4)} after ${labelled} labelled visits of ${browsers} browsers (by the weights it began with ${before.ece.toFixed(4)}; weights version ${version}; answers ≥ 99: precision ${percent(after.precision)}, recall ${percent(after.recall)}, before ${percent(before.precision)} and ${percent(before.recall)})`,
    '≤ .03',
    labelled >= LABELLED && after.ece <= 0.03,
  )

function qualityBars({ name, browsers, live, truth, traffic }: LearningReport): Finding[] {
  const compare = (
    what: 'ece' | 'precision' | 'recall',
    title: string,
    between?: readonly number[] | null,
  ) => {
    const figure = live[what]
    const told = figure === null ? 'not told' : percent(figure)
    const range = between ? ` (95 % between ${between.map((share) => percent(share)).join(' and ')})` : ''
    return held(
      title,
      `${told}${range}; truth ${percent(truth[what])}; of all ${traffic.visits} such visits ${percent(traffic[what])}`,
      'within 1 point',
      figure !== null && Math.abs(figure - truth[what]) <= 0.01,
    )
  }
  return [
    compare(
      'precision',
      `${name}: precision of answers ≥ 99 as the site tells it (${live.trials} trials, ${browsers} browsers)`,
      live.precisionBetween,
    ),
    compare('recall', '… recall of returns, the same', live.recallBetween),
    compare('ece', '… calibration error, the same'),
  ]
}
