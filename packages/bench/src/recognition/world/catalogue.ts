// Values real browsers show, from the registry package fingerprint-generator: the tables of its network, not its draws.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { inflateRawSync } from 'node:zlib'

export interface Gpu {
  readonly vendor: string
  readonly renderer: string
}

export interface Display {
  /** CSS pixels. */
  readonly width: number
  readonly height: number
  readonly ratio: number
  readonly depth: number
}

export type CatalogueOs = 'android' | 'linux' | 'mac' | 'windows'
export type Weighted<T> = readonly (readonly [value: T, share: number])[]

/** What browsers of one system show, each with its share, commonest first. */
export interface Shelf {
  readonly gpus: Weighted<Gpu>
  readonly displays: Weighted<Display>
  readonly fonts: Weighted<readonly string[]>
  readonly cores: Weighted<number>
  readonly memory: Weighted<number>
}

export type Catalogue = Readonly<Record<CatalogueOs, Shelf>>

interface Network {
  readonly nodes: readonly {
    readonly name: string
    readonly conditionalProbabilities: Readonly<Record<string, unknown>>
  }[]
}

type Shares = Readonly<Record<string, number>>

let kept: Catalogue | undefined

/** Read once a process (130 ms). */
export function readCatalogue(): Catalogue {
  kept ??= buildCatalogue(readNetwork())
  return kept
}

function readNetwork(): Network {
  const home = dirname(createRequire(import.meta.url).resolve('fingerprint-generator'))
  const zip = readFileSync(join(home, 'data_files/fingerprint-network-definition.zip'))
  return JSON.parse(unzipOnly(zip).toString()) as Network
}

/** The one file of a zip, by the central directory (APPNOTE 4.3.12), which holds its size in any case. */
function unzipOnly(zip: Buffer): Buffer {
  const directory = zip.lastIndexOf(Buffer.from('PK\x01\x02', 'latin1'))
  const size = zip.readUInt32LE(directory + 20)
  const local = zip.readUInt32LE(directory + 42)
  const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28)
  return inflateRawSync(zip.subarray(start, start + size))
}

const SYSTEMS: readonly (readonly [os: CatalogueOs, mark: RegExp])[] = [
  ['android', /Android/],
  ['windows', /Windows NT/],
  // iPhones and iPads come from models.ts: the catalogue cannot tell their models.
  ['mac', /Macintosh/],
  ['linux', /X11; (?!CrOS)/],
]

function buildCatalogue(network: Network): Catalogue {
  const node = (name: string) => {
    const found = network.nodes.find((each) => each.name === name)
    if (found === undefined) throw new Error(`fingerprint-generator has no node ${name} any more.`)
    return found.conditionalProbabilities
  }
  const agents = Object.entries(node('userAgent') as Shares)
  const shelf = (mark: RegExp): Shelf => {
    const mine = agents.filter(([agent]) => mark.test(agent))
    const values = <T>(name: string, read: (value: unknown) => T | undefined) =>
      marginal(node(name)['deeper'] as Readonly<Record<string, Shares>>, { agents: mine, read })
    return {
      gpus: values('videoCard', readGpu),
      displays: values('screen', readDisplay),
      fonts: values('fonts', (value) => (Array.isArray(value) ? (value as string[]) : undefined)),
      cores: values('hardwareConcurrency', readNumber),
      memory: values('deviceMemory', readNumber),
    }
  }
  return Object.fromEntries(SYSTEMS.map(([os, mark]) => [os, shelf(mark)])) as unknown as Catalogue
}

const STRINGIFIED = '*STRINGIFIED*'

interface MarginalOrder<T> {
  readonly agents: readonly (readonly [agent: string, share: number])[]
  readonly read: (value: unknown) => T | undefined
}

/** Shares of a node's values over the given user agents, its only parent. */
function marginal<T>(
  byAgent: Readonly<Record<string, Shares>>,
  { agents, read }: MarginalOrder<T>,
): Weighted<T> {
  const shares = new Map<string, number>()
  for (const [agent, share] of agents) {
    for (const [value, likelihood] of Object.entries(byAgent[agent] ?? {})) {
      if (!value.startsWith(STRINGIFIED)) continue
      shares.set(value, (shares.get(value) ?? 0) + share * likelihood)
    }
  }
  const values = new Map<string, [value: T, share: number]>()
  for (const [text, share] of shares) {
    const value = read(JSON.parse(text.slice(STRINGIFIED.length)))
    if (value === undefined) continue
    const key = JSON.stringify(value)
    values.set(key, [value, (values.get(key)?.[1] ?? 0) + share])
  }
  const total = [...values.values()].reduce((sum, [, share]) => sum + share, 0)
  return [...values]
    .sort(([leftKey, [, left]], [rightKey, [, right]]) => right - left || (leftKey < rightKey ? -1 : 1))
    .map(([, [value, share]]) => [value, share / total])
}

/** Renderers of no device a person holds: virtual machines, remote desktops, automation. */
const NO_DEVICE =
  /basic render|swiftshader|llvmpipe|softpipe|vmware|parallels|virtualbox|apple gpu|or similar/i

function readGpu(value: unknown): Gpu | undefined {
  const { vendor, renderer } = value as Partial<Gpu>
  if (typeof vendor !== 'string' || typeof renderer !== 'string' || NO_DEVICE.test(renderer)) return undefined
  return { vendor, renderer }
}

function readDisplay(value: unknown): Display | undefined {
  const { width, height, devicePixelRatio, colorDepth } = value as Record<string, unknown>
  if (typeof width !== 'number' || typeof height !== 'number' || width < 320 || height < 320) return undefined
  if (typeof devicePixelRatio !== 'number' || typeof colorDepth !== 'number') return undefined
  return { width, height, ratio: Math.round(devicePixelRatio * 1000) / 1000, depth: colorDepth }
}

const readNumber = (value: unknown) => (typeof value === 'number' ? value : undefined)
