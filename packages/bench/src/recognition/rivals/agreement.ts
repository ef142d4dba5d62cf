import type { RawSignals } from '../world/visit.ts'
import { readAgent, textOf } from './fields.ts'
import { createMint, type Rival, type RivalVisit } from './rival.ts'

export interface AgreementOptions {
  /** Weight of each attribute; the others count nothing. */
  readonly weights: Readonly<Record<string, number>>
  /** 0–1: the least Jaccard index at which two visits are one visitor's. */
  readonly threshold: number
  /** Whether a tie between visitors is nobody, or the one seen last. */
  readonly abstainsOnTies: boolean
}

interface Print {
  /** Numbers of the values, in the order of the weights; 0 where nothing is shown. */
  readonly values: Int32Array
  /** Whoever agrees enough agrees in one of these. */
  readonly blocks: readonly string[]
}

/** The newest of a block are looked at; more of them are too alike to be told apart anyway. */
const MOST_CANDIDATES = 150

/** Links by how many attributes agree with a visitor's last visit. */
export function createAgreement(name: string, options: AgreementOptions): Rival {
  const mint = createMint()
  const last = new Map<string, Print>()
  const blocks = new Map<string, Set<string>>()
  const read = createReader(Object.keys(options.weights))
  const jaccard = createJaccard(Object.values(options.weights))

  function find(print: Print): { visitor: string; score: number } | undefined {
    const candidates = new Set(print.blocks.flatMap((block) => newest(blocks.get(block))))
    const scores = Array.from(candidates, (candidate) => scoreOf(print, candidate))
    const score = scores.reduce((most, each) => Math.max(most, each), 0)
    const isTie = scores.indexOf(score) !== scores.lastIndexOf(score)
    const visitor = [...candidates][scores.indexOf(score)]
    const isNobody = score < options.threshold || (isTie && options.abstainsOnTies)
    return isNobody || visitor === undefined ? undefined : { visitor, score }
  }

  function scoreOf(print: Print, visitor: string): number {
    const known = last.get(visitor)
    return known === undefined ? 0 : jaccard(print.values, known.values)
  }

  function keep(print: Print, visitor: string): void {
    for (const block of last.get(visitor)?.blocks ?? []) blocks.get(block)?.delete(visitor)
    last.set(visitor, print)
    for (const block of print.blocks) blocks.set(block, (blocks.get(block) ?? new Set()).add(visitor))
  }

  return {
    name,
    assign(visit, known) {
      const print = read(visit)
      const found = known === undefined ? find(print) : { visitor: known, score: 1 }
      const visitor = found?.visitor ?? mint()
      keep(print, visitor)
      return { visitor, answered: found !== undefined, ...(found && { confidence: 100 * found.score }) }
    },
  }
}

const newest = (visitors: ReadonlySet<string> = new Set()) => [...visitors].slice(-MOST_CANDIDATES).reverse()

/** Weighted Jaccard index of two sets of attributes with their values. */
function createJaccard(weights: readonly number[]) {
  return (left: Int32Array, right: Int32Array): number => {
    let [both, shown] = [0, 0]
    for (const [position, weight] of weights.entries()) {
      if (left[position] !== 0) shown += weight
      if (right[position] !== 0) shown += weight
      if (left[position] !== 0 && left[position] === right[position]) both += weight
    }
    return both / (shown - both)
  }
}

/** Values as numbers: the same one for the same value of an attribute. */
function createReader(names: readonly string[]) {
  const numbers = new Map<string, number>()
  const numberOf = (name: string, value: unknown) => {
    if (value === undefined) return 0
    const key = `${name} ${textOf(value)}`
    const number = numbers.get(key) ?? numbers.size + 1
    numbers.set(key, number)
    return number
  }
  return ({ signals }: RivalVisit): Print => {
    const { uaData, ...rest } = signals
    const { family, os } = readAgent(signals)
    const told: Readonly<Record<string, unknown>> = { ...uaData, ...rest }
    const { gpuRenderer, canvas, fonts, screen, languages, timezone } = rest
    return {
      values: Int32Array.from(names, (name) => numberOf(name, told[name])),
      blocks: [
        [os, family, gpuRenderer, screen],
        [os, family, gpuRenderer, fonts, languages],
        [os, family, canvas, languages, timezone],
      ].map((values) => textOf(values)),
    }
  }
}

const ALL = [
  'userAgent',
  'platform',
  'gpuVendor',
  'gpuRenderer',
  'canvas',
  'webgl',
  'audio',
  'fonts',
  'screen',
  'devicePixelRatio',
  'colorDepth',
  'timezone',
  'languages',
  'hardwareConcurrency',
  'deviceMemory',
  'touchPoints',
  'platformVersion',
  'model',
] satisfies readonly (keyof RawSignals | 'model' | 'platformVersion')[]

/** Every attribute alike; of .4 to .9 this threshold did best on the tuning worlds, enthusiasts and mixed. */
export const createEqualWeights = (threshold = 0.8): Rival =>
  createAgreement('equal weights', {
    weights: Object.fromEntries(ALL.map((name) => [name, 1])),
    threshold,
    abstainsOnTies: true,
  })
