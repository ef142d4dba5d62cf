import { readFileSync } from 'node:fs'
import type { SignalName } from '../../../../recognition/src/index.ts'

/** Two fingerprints seen as tokens: each signal is equal or it is not. */
export interface TokenPair {
  readonly isSameBrowser: boolean
  readonly gapDays: number
  readonly comparison: readonly { readonly signal: SignalName; readonly isEqual: boolean }[]
}

/** Columns that carry a likeness of 0–1, or 0 and 1. Tokens know only whether it is a whole 1. */
const COLUMNS: Readonly<Record<string, readonly SignalName[]>> = {
  // The study compared user agents whole, versions and all; ours are taken apart.
  user_agent_similarity: ['userAgent', 'browserMajor'],
  canvas_same: ['canvas'],
  renderer_similarity: ['gpuRenderer'],
  language_similarity: ['languages'],
  plugins_similarity: ['plugins'],
  resolution_same: ['screen'],
  timezone_same: ['timezone'],
}

type Row = Readonly<Record<string, number>>

function toPair(row: Row): TokenPair {
  const comparison = Object.entries(COLUMNS).flatMap(([column, signals]) =>
    signals.map((signal) => ({ signal, isEqual: row[column] === 1 })),
  )
  return {
    isSameBrowser: row['same_browser'] === 1,
    gapDays: row['gap_days'] ?? 0,
    // Only where both browsers could list their fonts does the column compare anything.
    comparison:
      row['fonts_both'] === 1
        ? [...comparison, { signal: 'fonts', isEqual: row['fonts_same'] === 1 }]
        : comparison,
  }
}

/**
 * Reads labelled pairs from a CSV with a header: `same_browser`, `gap_days`, `fonts_both`, `fonts_same` and the columns
 * above, all numbers.
 *
 * @throws with the line where a column is missing or no number
 */
export function readPairs(path: string): TokenPair[] {
  const [header = '', ...lines] = readFileSync(path, 'utf8').trim().split(/\r?\n/)
  const names = header.split(',')
  const needed = ['same_browser', 'gap_days', 'fonts_both', 'fonts_same', ...Object.keys(COLUMNS)]
  const missing = needed.filter((name) => !names.includes(name))
  if (missing.length > 0) throw new Error(`${path} has no column ${missing.join(', ')}.`)
  return lines.map((line, index) => {
    const cells = line.split(',')
    const row = Object.fromEntries(names.map((name, column) => [name, Number(cells[column] || Number.NaN)]))
    const bad = needed.find((name) => !Number.isFinite(row[name]))
    if (bad !== undefined) throw new Error(`${path}, line ${index + 2}: ${bad} is no number.`)
    return toPair(row)
  })
}
