import { expect, it } from 'vitest'
import { listFaults } from './bundle-guard.ts'

const budgets = { 'a.js': { bar: 90, most: 100 } }

it('passes a bundle within its budget that holds nothing forbidden', () => {
  expect(listFaults([{ name: 'a.js', content: 'let a=1' }], budgets)).toEqual([])
})

it.each([
  'm1.openfpcdn.io',
  'ZodError',
  'safeParse',
  'drizzle',
  'from"node:fs"',
  'eval(a)',
  'new Function("a")',
])('names %s in a bundle', (leak) => {
  const faults = listFaults([{ name: 'a.js', content: `let a=${leak}` }], budgets)
  expect(faults).not.toEqual([])
  expect(faults.every((fault) => fault.startsWith('a.js contains '))).toBe(true)
})

it('names a bundle that outgrew its budget, with both numbers', () => {
  const noise = Array.from({ length: 200 }, (_, i) => (i * 7919).toString(36)).join('')
  expect(listFaults([{ name: 'a.js', content: noise }], budgets)).toEqual([
    expect.stringMatching(/^a\.js has \d+ bytes gzipped, 100 are allowed$/),
  ])
})

it('fails where a bundle was not built at all', () => {
  expect(listFaults([], budgets)).toEqual(['a.js was not built'])
})
