// How telling a population is: entropies, uniqueness, anonymity sets. Counts of hashes only, so that a million fits.
import { mix } from './random.ts'

/** A browser's values by attribute, as text. */
export type Attributes = Readonly<Record<string, string>>

/** How browsers of a group hide among all. */
export interface Crowd {
  readonly browsers: number
  /** Share with nobody alike. */
  readonly unique: number
  /** Browsers alike with the middle one, itself included. */
  readonly medianSet: number
}

export interface Statistics {
  readonly browsers: number
  /** Bits of each attribute alone. */
  readonly attributes: readonly { readonly name: string; readonly bits: number; readonly distinct: number }[]
  /** Bits of all attributes together. */
  readonly jointBits: number
  readonly summedBits: number
  /** By group; `all` is everybody. */
  readonly crowds: Readonly<Record<string, Crowd>>
}

export interface Member {
  /** Groups it is counted in. */
  readonly groups: readonly string[]
  readonly attributes: Attributes
}

export function describe(members: Iterable<Member>): Statistics {
  const counts = new Map<string, Map<string, number>>()
  const joint = new Map<number, number>()
  const tuples: Record<string, number[]> = { all: [] }
  let browsers = 0
  for (const { groups, attributes } of members) {
    browsers++
    const tuple = countAttributes(counts, attributes)
    joint.set(tuple, (joint.get(tuple) ?? 0) + 1)
    for (const group of ['all', ...groups]) {
      tuples[group] ??= []
      tuples[group].push(tuple)
    }
  }
  const attributes = [...counts].map(([name, values]) => ({
    name,
    bits: entropy(values.values(), browsers),
    distinct: values.size,
  }))
  return {
    browsers,
    attributes,
    jointBits: entropy(joint.values(), browsers),
    summedBits: attributes.reduce((sum, { bits }) => sum + bits, 0),
    crowds: Object.fromEntries(Object.entries(tuples).map(([group, own]) => [group, crowdOf(own, joint)])),
  }
}

/** Counts each value and gives a hash of all of them, of 53 bits. */
function countAttributes(counts: Map<string, Map<string, number>>, attributes: Attributes): number {
  let high = 7
  let low = 11
  for (const name in attributes) {
    const value = attributes[name] ?? ''
    let values = counts.get(name)
    if (values === undefined) {
      values = new Map()
      counts.set(name, values)
    }
    values.set(value, (values.get(value) ?? 0) + 1)
    const hash = hashOf(value)
    high = mix(high, hash)
    low = mix(hash ^ 0x55_55_55, low)
  }
  return (high & 0x1f_ffff) * 0x1_0000_0000 + low
}

/** FNV-1a. */
function hashOf(text: string): number {
  let hash = 0x811c_9dc5
  for (let position = 0; position < text.length; position++) {
    hash = Math.imul(hash ^ text.charCodeAt(position), 0x100_0193)
  }
  return hash >>> 0
}

/** Shannon's, in bits. */
export function entropy(counts: Iterable<number>, total: number): number {
  let bits = 0
  for (const count of counts) bits -= (count / total) * Math.log2(count / total)
  return bits
}

function crowdOf(tuples: readonly number[], joint: ReadonlyMap<number, number>): Crowd {
  const sets = tuples.map((tuple) => joint.get(tuple) ?? 0).sort((left, right) => left - right)
  return {
    browsers: sets.length,
    unique: sets.filter((size) => size === 1).length / sets.length,
    medianSet: sets[sets.length >> 1] ?? 0,
  }
}
