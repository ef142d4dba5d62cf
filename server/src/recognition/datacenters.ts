import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'
import { ConfigError } from '../config.ts'

/** Networks of machines, as the operator lists them; none are shipped. */
export interface Datacenters {
  /** @param limitKey an address as requests are counted by: IPv4 whole, IPv6 as its /64 */
  has(limitKey: string): boolean
}

export const NO_DATACENTERS: Datacenters = { has: () => false }

/** An address in so many bits: IPv4 whole, of IPv6 the upper half, which is a network. */
interface Place {
  readonly bits: bigint
  readonly width: 32 | 64
}

function placeOf(address: string): Place {
  const parsed = ipaddr.parse(address)
  const bytes = parsed.toByteArray().slice(0, 8)
  return {
    bits: bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n),
    width: parsed.kind() === 'ipv4' ? 32 : 64,
  }
}

/** Strict on purpose: parsers read `010.0.0.1` as 8.0.0.1 (SECURITY.md R51). */
function parseRange(text: string): (Place & { readonly length: number }) | undefined {
  const [address = '', length, ...rest] = text.split('/')
  const version = address.includes('%') ? 0 : isIP(address)
  if (version === 0 || rest.length > 0 || !/^\d{1,3}$/.test(length ?? '')) return undefined
  const asked = Number(length)
  if (asked < 1 || asked > (version === 4 ? 32 : 128)) return undefined
  const place = placeOf(address)
  // Whoever has one address of a /64 has all of them.
  return { ...place, length: Math.min(asked, place.width) }
}

/** The first column of a line, without quotes and comment. */
const firstColumn = (line: string) =>
  line
    .replace(/#.*$/, '')
    .split(/[,;\t]/, 1)[0]
    ?.replaceAll('"', '')
    .trim() ?? ''

const keyOf = (length: number, { bits, width }: Place) =>
  `${width}/${length}/${bits >> BigInt(width - length)}`

/**
 * Reads a list of CIDR ranges, one a line; of a CSV the first column. Empty lines, `#` comments and a heading without
 * digits are passed over.
 *
 * @throws Error that names the first line that is no range
 */
export function parseDatacenters(text: string): Datacenters {
  const ranges = new Set<string>()
  const lengths = new Map<32 | 64, Set<number>>([
    [32, new Set()],
    [64, new Set()],
  ])
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const column = firstColumn(line)
    if (column === '' || (index === 0 && !/\d/.test(column))) continue
    const range = parseRange(column)
    if (!range)
      throw new Error(`line ${index + 1}: "${column.slice(0, 50)}" is no CIDR range such as 192.0.2.0/24`)
    lengths.get(range.width)?.add(range.length)
    ranges.add(keyOf(range.length, range))
  }
  return {
    has(limitKey) {
      const address = limitKey.replace(/\/64$/, '')
      if (isIP(address) === 0) return false
      const place = placeOf(address)
      return [...(lengths.get(place.width) ?? [])].some((length) => ranges.has(keyOf(length, place)))
    },
  }
}

/** @throws ConfigError that names the file and what is wrong with it */
export function readDatacenters(path: string | undefined): Datacenters {
  if (path === undefined) return NO_DATACENTERS
  try {
    return parseDatacenters(readFileSync(path, 'utf8'))
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new ConfigError([`DATACENTER_PREFIXES: ${path}: ${reason}`])
  }
}
