// docs/benchmarks.md, made of one JSON a part, so that parts can be measured at different times: those that need
// an hour and those that need a minute.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describeMachine } from './machine.ts'
import { type Found, renderMarkdown } from './measure.ts'
import { foldFigures } from './table.ts'

const PAGE = fileURLToPath(new URL('../../../docs/benchmarks.md', import.meta.url))
const FOLDER = fileURLToPath(new URL('../../../docs/benchmarks/', import.meta.url))

interface Measured extends Omit<Found, 'tables'>, Partial<Pick<Found, 'tables'>> {
  readonly machine: string
  /** YYYY-MM-DD. */
  readonly day: string
}

/** Keeps what a part has found, in place of what it found before. */
export function keepFindings(part: string, { findings, tables }: Found): void {
  mkdirSync(FOLDER, { recursive: true })
  const day = new Date().toISOString().slice(0, 10)
  const measured: Measured = {
    machine: describeMachine(),
    day,
    findings,
    ...(tables.length > 0 && { tables }),
  }
  writeFileSync(`${FOLDER}${part}.json`, `${JSON.stringify(measured, undefined, 2)}\n`)
}

function sectionOf(part: string): string[] {
  const kept = `${FOLDER}${part}.json`
  if (!existsSync(kept)) return []
  const { machine: where, day, findings, tables = [] } = JSON.parse(readFileSync(kept, 'utf8')) as Measured
  // What limits a missed bar, with its profile, is written by people.
  const notes = `${FOLDER}${part}.md`
  const remarks = existsSync(notes) ? [readFileSync(notes, 'utf8').trim()] : []
  return [`## ${part}`, `${day}, ${where}.`, renderMarkdown(findings), ...tables.map(foldFigures), ...remarks]
}

/** Writes the page anew: the parts in their order, each with its day, its machine and its notes. */
export function writePage(parts: readonly string[]): void {
  const head = [
    '# Benchmarks',
    `Written by \`pnpm bench --write\`, never by hand; what a part found is kept beside this page, its remarks in
\`benchmarks/<part>.md\`. Ratios are of one run, medians of alternating rounds; absolute figures belong to the machine.`,
  ]
  writeFileSync(PAGE, `${[...head, ...parts.flatMap(sectionOf)].join('\n\n')}\n`)
}
