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

it('is made of nothing but this folder, the rivals, node and the catalogue: no engine is known here', () => {
  const sources = (folder: string) =>
    readdirSync(new URL(folder, here))
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
      .flatMap((name) => [
        ...read(`${folder}${name}`).matchAll(/(?:from|import\(|import|resolve\()\s*'([^']+)'/g),
      ])
      .map(([, source]) => source ?? '')
      .filter((source) => !source.startsWith('./') && !source.startsWith('node:'))
  expect(new Set(sources('./'))).toEqual(new Set(['fingerprint-generator']))
  expect(sources('../rivals/').filter((source) => source !== '../world/visit.ts')).toEqual([])
})
