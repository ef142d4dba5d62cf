import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { BOT_REASONS } from '../server/src/recognition/bots.ts'
import { EXPLAIN_REASONS } from '../server/src/recognition/explain.ts'
import { pages } from './docs.ts'
import { findGaps } from './security-page.ts'

it.each(Object.entries(pages()))('%s tells what the code says; run `node tools/docs.ts`', (path, text) => {
  expect(readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')).toBe(text)
})

it('every security requirement has a test that shows it, or says why it is not held yet', () => {
  expect(findGaps()).toEqual([])
})

/** First cells of the table that begins with a head, as text. */
function firstColumn(page: string, head: string): string[] {
  const [, table = ''] = page.split(`| ${head} |`)
  const [rows = ''] = table.split('\n\n')
  return rows
    .split('\n')
    .slice(2)
    .map((row) => (row.split(' | ')[0] ?? '').replace(/^\| /, '').replaceAll('`', ''))
}

it('docs/recognition.md tells every reason there is, and what the debug panel says in its words', () => {
  const page = readFileSync(new URL('../docs/recognition.md', import.meta.url), 'utf8')
  expect(firstColumn(page, 'code').sort()).toEqual(Object.keys(EXPLAIN_REASONS).sort())
  expect(firstColumn(page, 'reason').sort()).toEqual([...BOT_REASONS].sort())
  const panel = new URL('../packages/browser/src/debug/', import.meta.url)
  const told = readdirSync(panel)
    .filter((name) => /^explain(-\w+)?\.ts$/.test(name))
    .map((name) => readFileSync(new URL(name, panel), 'utf8'))
    .join('\n')
  const heads = firstColumn(page, 'the panel says')
    .filter((cell) => !cell.startsWith('nothing'))
    .flatMap((cell) => cell.split(/, | … /).filter((head) => /^[A-Z]/.test(head)))
  expect(heads.length).toBeGreaterThan(5)
  expect(heads.filter((head) => !told.includes(head))).toEqual([])
})
