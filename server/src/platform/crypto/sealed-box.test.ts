import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { createSealedBox } from './sealed-box.ts'

const box = createSealedBox(randomBytes(32))

it('gives back what was sealed, in its own place only', () => {
  const envelope = box.seal('geheim', 'signing_keys/private/a')
  expect(envelope).not.toContain('geheim')
  expect(box.open(envelope, 'signing_keys/private/a')).toBe('geheim')
  expect(() => box.open(envelope, 'signing_keys/private/b')).toThrow()
})

it('refuses an envelope that was changed or sealed under another key', () => {
  const envelope = box.seal('geheim', 'p')
  const [v, kid, iv, , tag] = envelope.split('.')
  expect(() => box.open([v, kid, iv, 'AAAA', tag].join('.'), 'p')).toThrow()
  expect(() => createSealedBox(randomBytes(32)).open(envelope, 'p')).toThrow()
})
