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

const pad = (text: string, width: number) => text + ' '.repeat(Math.max(0, width - [...text].length))

/** The table `pnpm bench` prints. */
export function renderTable(findings: readonly Finding[]): string {
  const rows = findings.map(({ what, value, bar, isReached }) => [
    what,
    value,
    bar,
    isReached === undefined ? '' : isReached ? 'reached' : 'MISSED',
  ])
  const all = [['what', 'measured', 'bar', ''], ...rows]
  const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((row) => [...(row[column] ?? '')].length)))
  return all.map((row) => row.map((cell, column) => pad(cell, widths[column] ?? 0)).join('  ')).join('\n')
}

/** The same as Markdown, for docs/benchmarks.md. */
export function renderMarkdown(findings: readonly Finding[]): string {
  const lines = findings.map(({ what, value, bar, isReached }) => {
    const verdict = isReached === undefined ? '' : isReached ? 'reached' : '**missed**'
    return `| ${what} | ${value} | ${bar} | ${verdict} |`
  })
  return ['| what | measured | bar | |', '| --- | --- | --- | --- |', ...lines].join('\n')
}
