/** Uniform numbers in [0, 1), the same ones for the same seed on every machine. */
export type Random = () => number

/** A 32-bit mix of two numbers in which every bit of either moves about half of the answer's. */
export function mix(left: number, right: number): number {
  let hash = Math.imul(left ^ 0x9e37_79b9, 0x85eb_ca6b) ^ Math.imul(right + 0x165_667b1, 0xc2b2_ae35)
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b_3c6d)
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a_2d39)
  return (hash ^ (hash >>> 15)) >>> 0
}

/** One uniform number that belongs to a pair of numbers: what needs no state needs no generator. */
export const unitOf = (left: number, right: number): number => mix(left, right) / 0x1_0000_0000

/** sfc32 (Chris Doty-Humphrey, public domain): 128 bits of state, four of them a counter's. */
export function createRandom(seed: number, stream: number): Random {
  let a = mix(seed, stream)
  let b = mix(a, seed)
  let c = mix(b, stream)
  let counter = 1
  const next = () => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + sum) | 0
    return (sum >>> 0) / 0x1_0000_0000
  }
  for (let round = 0; round < 12; round++) next()
  return next
}

/** Things with weights, ready to be drawn from. */
export interface Table<T> {
  readonly items: readonly T[]
  /** Running sums of the weights. */
  readonly sums: Float64Array
}

export function createTable<T>(entries: Iterable<readonly [item: T, weight: number]>): Table<T> {
  const kept = [...entries].filter(([, weight]) => weight > 0)
  if (kept.length === 0) throw new Error('A table needs at least one item with a weight above 0.')
  const sums = new Float64Array(kept.length)
  let sum = 0
  for (const [position, [, weight]] of kept.entries()) {
    sum += weight
    sums[position] = sum
  }
  return { items: kept.map(([item]) => item), sums }
}

export const tableOf = <K extends string>(weights: Readonly<Partial<Record<K, number>>>): Table<K> =>
  // Object.entries forgets the keys' type; the record has no others.
  createTable(Object.entries(weights) as [K, number][])

export function draw<T>(table: Table<T>, random: Random): T {
  const wanted = random() * (table.sums.at(-1) ?? 0)
  let low = 0
  let high = table.sums.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if ((table.sums[middle] ?? 0) > wanted) high = middle
    else low = middle + 1
  }
  // A table is never empty, and `low` stays within it.
  return table.items[low] as T
}

export const chance = (share: number, random: Random): boolean => random() < share

/** A whole number from `least` to `most`, both included. */
export const whole = (least: number, most: number, random: Random): number =>
  least + Math.floor(random() * (most - least + 1))

export const exponential = (mean: number, random: Random): number => -mean * Math.log(1 - random())

/** Lognormal with mean 1: how much one person's rate differs from everybody's. */
export function personal(sigma: number, random: Random): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  return Math.exp(sigma * normal - (sigma * sigma) / 2)
}

/** cyrb53 (bryc, public domain) as 14 hex digits: what a browser's picture or sound comes down to. */
export function digest(text: string): string {
  let high = 0xdead_beef
  let low = 0x41c6_ce57
  for (let position = 0; position < text.length; position++) {
    const code = text.charCodeAt(position)
    high = Math.imul(high ^ code, 0x9e37_79b1)
    low = Math.imul(low ^ code, 0x5f35_6495)
  }
  high = Math.imul(high ^ (high >>> 16), 0x85eb_ca6b) ^ Math.imul(low ^ (low >>> 13), 0xc2b2_ae35)
  low = Math.imul(low ^ (low >>> 16), 0x85eb_ca6b) ^ Math.imul(high ^ (high >>> 13), 0xc2b2_ae35)
  return (low >>> 0).toString(16).padStart(8, '0') + (high >>> 0).toString(16).padStart(8, '0').slice(2)
}

/** A number that belongs to a text, to seed with. */
export const seedOf = (text: string): number => Number.parseInt(digest(text).slice(0, 8), 16)
