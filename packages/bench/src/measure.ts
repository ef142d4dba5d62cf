import { alignColumns, type FigureTable } from './table.ts'

/** What a part of the bench has found. */
export interface Found {
  readonly findings: readonly Finding[]
  /** What the findings rest on, to be read after them. */
  readonly tables: readonly FigureTable[]
}

/** One printed line: what was measured, the bar it is held against, and whether it reaches it. */
export interface Finding {
  readonly what: string
  readonly value: string
  /** For example `≥ 0.35 ×`; empty for a figure that is only context. */
  readonly bar: string
  /** Undefined where there is no bar. */
  readonly isReached?: boolean
}

/** A ratio that is to be large. */
export const atLeast = (what: string, ratio: number, least: number): Finding => ({
  what,
  value: `${ratio.toFixed(2)} ×`,
  bar: `≥ ${least} ×`,
  isReached: ratio >= least,
})

/** A figure that is to be small. */
export const atMost = (
  what: string,
  value: number,
  { most, unit }: { most: number; unit: string },
): Finding => ({
  what,
  value: `${value.toFixed(value < 10 ? 1 : 0)} ${unit}`,
  bar: `≤ ${most} ${unit}`,
  isReached: value <= most,
})

/** Loads that are to be answered without a fault. */
export function noFailures(loads: readonly { readonly failures: number }[]): Finding {
  const failures = loads.reduce((sum, load) => sum + load.failures, 0)
  return { what: '… answers that were no 2xx', value: String(failures), bar: '0', isReached: failures === 0 }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

/** A bar that nothing was held against was not reached either. */
function verdictOn({ bar, isReached }: Finding, missed: string): string {
  if (isReached === undefined) return bar === '' ? '' : 'not measured'
  return isReached ? 'reached' : missed
}

/** The table `pnpm bench` prints. */
export const renderTable = (findings: readonly Finding[]): string =>
  alignColumns([
    ['what', 'measured', 'bar', ''],
    ...findings.map((finding) => [finding.what, finding.value, finding.bar, verdictOn(finding, 'MISSED')]),
  ])

/** The same as Markdown, for docs/benchmarks.md. */
export function renderMarkdown(findings: readonly Finding[]): string {
  const lines = findings.map((finding) => {
    const { what, value, bar } = finding
    return `| ${what} | ${value} | ${bar} | ${verdictOn(finding, '**missed**')} |`
  })
  return ['| what | measured | bar | |', '| --- | --- | --- | --- |', ...lines].join('\n')
}
