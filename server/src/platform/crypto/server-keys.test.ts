import { expect, it } from 'vitest'
import { createServerKeys } from './server-keys.ts'

it('gives each purpose its own key, the same one every time', () => {
  const keys = createServerKeys('a'.repeat(43))
  expect(keys.mac('cookie', 'x')).toEqual(createServerKeys('a'.repeat(43)).mac('cookie', 'x'))
  expect(keys.mac('cookie', 'x')).not.toEqual(keys.mac('fingerprint', 'x'))
  expect(keys.mac('cookie', 'x')).not.toEqual(createServerKeys('b'.repeat(43)).mac('cookie', 'x'))
})
