import { startWeights, type Weights } from '../../../../recognition/src/linkage.ts'

/** Ways to be wrong: believing everything, as if nobody had a twin; and believing nothing. */
export type Wrong = 'bold' | 'timid'

interface Factors {
  /** On the rates of every other signal, and on those between. */
  readonly changes: readonly [number, number]
  readonly twins: number
  readonly fleets: number
  readonly slope: number
  readonly offset: number
}

const FACTORS: Readonly<Record<Wrong, Factors>> = {
  bold: { changes: [0.1, 10], twins: 0.01, fleets: 0.01, slope: 3, offset: 3 },
  timid: { changes: [10, 0.1], twins: 20, fleets: 5, slope: 0.4, offset: -2 },
}

type Numbers = readonly Numbers[] | number

/** A record of numbers, or of lists of them. Weights are plain JSON, in which figures lie by name. */
const recordIn = (weights: Weights, figure: string) =>
  Object.entries(weights[figure] as Readonly<Record<string, Numbers>>)

const times = (numbers: Numbers, factor: number): Numbers =>
  typeof numbers === 'number' ? numbers * factor : numbers.map((one) => times(one, factor))

/** The published weights, spoilt: rates of change ten times too high and too low, twins and certainty far off. */
export function wrongWeights(wrong: Wrong): Weights {
  const weights = startWeights()
  const { changes, twins, fleets, slope, offset } = FACTORS[wrong]
  const scaled = (figure: string, factor: number) =>
    Object.fromEntries(recordIn(weights, figure).map(([name, numbers]) => [name, times(numbers, factor)]))
  const drift = recordIn(weights, 'drift').map(([signal, rates], at) => [
    signal,
    // Shares of browsers stay, their changes a day do not.
    (rates as readonly (readonly [number, number])[]).map(([share, perDay]) => [
      share,
      perDay * (changes[at % 2] ?? 1),
    ]),
  ])
  return {
    ...weights,
    ...{ slope, offset, drift: Object.fromEntries(drift) },
    ...{ twins: scaled('twins', twins), fleets: scaled('fleets', fleets) },
  }
}
