import { expect, it } from 'vitest'
import { cleanAddress, findHashRoute, readUtm } from './page-address.ts'

it.each([
  ['/reset?token=abc&utm_source=mail&utm_medium=x#top', '/reset?utm_source=mail&utm_medium=x'],
  ['https://shop.example/a?q=ada@example.org', 'https://shop.example/a'],
  ['/a#access_token=abc?utm_source=x', '/a'],
  ['/a', '/a'],
  ['', ''],
])('cleans %s to %s', (address, clean) => expect(cleanAddress(address)).toBe(clean))

it.each([
  ['#/cart?mail=a', '/cart'],
  ['#!/cart', '/cart'],
  ['#top', undefined],
  ['#access_token=abc', undefined],
  ['', undefined],
])('reads the route of %s as %s', (hash, route) => expect(findHashRoute(hash)).toBe(route))

it('reads utm parameters by their short names', () => {
  expect(readUtm('?utm_source=mail&utm_campaign=spring&gclid=1')).toEqual({
    source: 'mail',
    campaign: 'spring',
  })
  expect(readUtm('?q=1')).toBeUndefined()
})
