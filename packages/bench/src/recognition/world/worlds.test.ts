import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const here = new URL('./', import.meta.url)
const read = (name: string) => readFileSync(new URL(name, here), 'utf8')

/** Every file of this folder that a file imports, itself included. */
function graphOf(name: string, seen = new Set<string>()): Set<string> {
  if (seen.has(name)) return seen
  seen.add(name)
  for (const [, next] of read(name).matchAll(/from '\.\/([^']+)'/g))
    if (next !== undefined) graphOf(next, seen)
  return seen
}

it('keeps every line of a world as it was hashed: settings, seeds and the generator', () => {
  // After an honest change: `sha256sum <these files> > worlds.sha256`, which git then shows.
  const now = [...graphOf('worlds.ts')]
    .sort()
    .map((name) => `${createHash('sha256').update(read(name)).digest('hex')}  ${name}\n`)
  expect(read('worlds.sha256')).toBe(now.join(''))
})

it('generates from nothing but this folder, node and the catalogue: no engine is known here', () => {
  const files = readdirSync(here).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
  const imported = files.flatMap((name) =>
    [...read(name).matchAll(/(?:from|import\(|resolve\()\s*'([^']+)'/g)].map(([, source]) => source ?? ''),
  )
  const foreign = imported.filter((source) => !/^(\.\/|node:)/.test(source))
  expect(new Set(foreign)).toEqual(new Set(['fingerprint-generator']))
  expect(imported.filter((source) => source.includes('..'))).toEqual([])
})
