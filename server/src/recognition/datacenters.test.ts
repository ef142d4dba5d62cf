import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { parseClientAddress } from '../platform/http/client-address.ts'
import { NO_DATACENTERS, parseDatacenters, readDatacenters } from './datacenters.ts'

const keyOf = (address: string) => parseClientAddress(address).limitKey

it('finds addresses in ranges of both kinds, and only those', () => {
  const list = parseDatacenters(
    'prefix,provider\n"198.51.100.0/25","Example Cloud"\n\n# ours\n2001:db8:40::/44\n',
  )
  expect(list.has(keyOf('198.51.100.127'))).toBe(true)
  expect(list.has(keyOf('198.51.100.128'))).toBe(false)
  expect(list.has(keyOf('::ffff:198.51.100.1'))).toBe(true)
  expect(list.has(keyOf('2001:db8:4f:1::1'))).toBe(true)
  expect(list.has(keyOf('2001:db8:50::1'))).toBe(false)
  expect(list.has(keyOf('unknown'))).toBe(false)
})

it('counts a range finer than /64 as its /64, which belongs to one customer', () => {
  expect(parseDatacenters('2001:db8::8/125').has(keyOf('2001:db8::1'))).toBe(true)
})

it.each(['198.51.100.0', '010.0.0.0/8', '198.51.100.0/33', '0.0.0.0/0', 'ten/8', '2001:db8::/200'])(
  'names the line with %s, which is no range',
  (line) => expect(() => parseDatacenters(`192.0.2.0/24\n${line}`)).toThrow(`line 2: "${line}"`),
)

it('has no list of its own, and says which file cannot be read', async () => {
  expect(readDatacenters(undefined)).toBe(NO_DATACENTERS)
  expect(NO_DATACENTERS.has('198.51.100.1')).toBe(false)
  const folder = await mkdtemp(join(tmpdir(), 'helloagain-ranges-'))
  const path = join(folder, 'ranges.txt')
  try {
    expect(() => readDatacenters(path)).toThrow(`DATACENTER_PREFIXES: ${path}: ENOENT`)
    await writeFile(path, '192.0.2.0/24\r\n')
    expect(readDatacenters(path).has('192.0.2.9')).toBe(true)
  } finally {
    await rm(folder, { recursive: true })
  }
})
