import { expect, it } from 'vitest'
import { normaliseOrigin } from './policy.ts'

it.each([
  ['https://shop.example', 'https://shop.example'],
  ['https://shop.example/', 'https://shop.example'],
  ['HTTPS://Shop.Example:443', 'https://shop.example'],
  ['http://localhost:4401', 'http://localhost:4401'],
  ['http://[::1]:80', 'http://[::1]'],
  ['https://bücher.example', 'https://xn--bcher-kva.example'],
])('spells %s as browsers do', (given, origin) => {
  expect(normaliseOrigin(given)).toBe(origin)
})

it.each([
  'shop.example',
  '',
  'null',
  '*',
  'https://*.shop.example',
  'https://*',
  'https://shop.example/landing',
  'https://shop.example?utm=1',
  'https://shop.example#top',
  'https://user:pass@shop.example',
  'https://shop.example\\evil',
  'https://shop.example https://other.example',
  'ftp://shop.example',
  'file:///etc/passwd',
  'javascript:alert(1)',
])('refuses %j: it is more, or less, than an origin', (given) => {
  expect(() => normaliseOrigin(given)).toThrow(/origin|wildcard/)
})
