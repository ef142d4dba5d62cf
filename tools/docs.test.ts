import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { pages } from './docs.ts'
import { findGaps } from './security-page.ts'

it.each(Object.entries(pages()))('%s tells what the code says; run `node tools/docs.ts`', (path, text) => {
  expect(readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')).toBe(text)
})

it('every security requirement has a test that shows it, or says why it is not held yet', () => {
  expect(findGaps()).toEqual([])
})
