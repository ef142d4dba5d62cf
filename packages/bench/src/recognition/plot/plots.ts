import type { ReliabilityBin } from '../score/calibration.ts'
import type { RiskPoint } from '../score/risk-coverage.ts'
import { drawPlot } from './draw-plot.ts'

/** A linker in the legend. */
interface Named {
  readonly name: string
  readonly isOurs: boolean
}

const SHARES = [0, 0.2, 0.4, 0.6, 0.8, 1]

/** Bins that claim the same are one: of a linker that is always equally sure there is nothing to tell apart. */
function joined(bins: readonly ReliabilityBin[]): ReliabilityBin[] {
  const byClaim = new Map<string, ReliabilityBin>()
  for (const bin of bins) {
    const claim = bin.claimed.toFixed(3)
    const { count, claimed, found } = byClaim.get(claim) ?? { ...bin, count: 0 }
    const all = count + bin.count
    const mean = (one: number, other: number) => (count * one + bin.count * other) / all
    byClaim.set(claim, {
      count: all,
      claimed: mean(claimed, bin.claimed),
      found: mean(found, bin.found),
    })
  }
  return [...byClaim.values()]
}

/** What answers said against how often they were right; a linker that is calibrated lies on the diagonal. The subtitle says of whom. */
export const drawReliability = (
  subtitle: string,
  linkers: readonly (Named & { readonly bins: readonly ReliabilityBin[] })[],
): string =>
  drawPlot({
    title: 'Reliability: what answers say, and how often they are right',
    subtitle,
    description: 'Share of right answers over the confidence they claimed, in bins of equally many answers.',
    x: { label: 'claimed confidence', scale: 'linear', range: [0, 1], ticks: SHARES },
    y: { label: 'found right', scale: 'linear', range: [0, 1], ticks: SHARES },
    series: linkers.map(({ bins, ...named }) => ({
      ...named,
      points: joined(bins).map(({ claimed, found }) => ({ x: claimed, y: found })),
    })),
    diagonal: 'perfectly calibrated',
  })

// Risks from one in ten thousand to all: rivals and ours lie three orders of magnitude apart.
const RISKS = [0.0001, 0.001, 0.01, 0.1, 1]

/** Points worth drawing: a curve of thousands looks the same with a few hundred. */
function thinned(points: readonly RiskPoint[], most = 300): RiskPoint[] {
  const step = Math.max(1, Math.ceil(points.length / most))
  return points.filter((_, index) => index % step === 0 || index === points.length - 1)
}

/** What share of answers is wrong when the surest are taken first. The subtitle says of whom. */
export const drawRiskCoverage = (
  subtitle: string,
  linkers: readonly (Named & { readonly points: readonly RiskPoint[] })[],
): string =>
  drawPlot({
    title: 'Risk over coverage: wrong answers when the surest are taken first',
    subtitle,
    description: 'Share of wrong answers, on a logarithmic scale, over the share of visits answered.',
    x: { label: 'visits answered', scale: 'linear', range: [0, 1], ticks: SHARES },
    y: { label: 'wrong among the answers (log)', scale: 'log', range: [0.0001, 1], ticks: RISKS },
    series: linkers.map(({ points, ...named }) => ({
      ...named,
      points: thinned(points).map(({ coverage, risk }) => ({ x: coverage, y: risk })),
    })),
  })
