import { readAgent, textOf } from './fields.ts'
import { createMint, type Rival, type RivalVisit } from './rival.ts'
import { similarity } from './similarity.ts'

/** What the rules look at. */
interface Print {
  readonly visitor: string
  /** Rule 1. */
  readonly constant: string
  /** Everything the paper compares. */
  readonly all: string
  readonly major: number
  readonly canvas: string
  readonly fonts: ReadonlySet<string>
  /** Rule 5: may change a little. */
  readonly similar: readonly string[]
  /** Rule 6: one of them may become anything. */
  readonly free: readonly string[]
}

/**
 * The paper's attributes as they are in 2026. Flash fonts are the fonts that scripts find. Plugins, accept and encoding
 * headers say nothing any more beyond the browser's family and version, which the user agent holds; cookies, local
 * storage and do-not-track are not in a visit. So rule 5 compares user agent, vendor, renderer and languages, rule 6
 * resolution and timezone.
 */
function readPrint({ signals }: RivalVisit): Omit<Print, 'visitor'> {
  const { family, major, os } = readAgent(signals)
  const similar = [signals.userAgent, signals.gpuVendor, signals.gpuRenderer, textOf(signals.languages)].map(
    (text) => text ?? '',
  )
  const free = [textOf(signals.screen), signals.timezone ?? '']
  const canvas = signals.canvas ?? ''
  const constant = [os, signals.platform, family].join('\n')
  return {
    constant,
    all: [constant, canvas, textOf(signals.fonts), ...similar, ...free].join('\n'),
    major,
    canvas,
    fonts: new Set(signals.fonts),
    similar,
    free,
  }
}

const KEPT_PRINTS = 2
const IDLE_MS = 30 * 86_400_000
const SWEEP_EVERY = 2000
const LEAST_SIMILARITY = 0.75

interface Chain {
  prints: Print[]
  lastMs: number
}

export interface FpStalkerOptions {
  /** Rule 7, fewer than two changes in all, is in the paper but not in the authors' code. */
  readonly hasRule7: boolean
}

/**
 * FP-Stalker's rule-based linking (Vastel et al., S&P 2018, section IV-A): exact prints before candidates by rules, and
 * whichever there are, they link only if all belong to one visitor.
 */
export function createFpStalker({ hasRule7 }: FpStalkerOptions): Rival {
  const mint = createMint()
  const chains = new Map<string, Chain>()
  // Indexes of the kept prints: rules 1 and 3 leave only those under one key, which is most of the speed.
  const exact = createIndex()
  const alike = createIndex()
  let visits = 0

  function drop(print: Print): void {
    exact.remove(print.all, print)
    alike.remove(blockOf(print), print)
  }

  function keep(print: Print, atMs: number): void {
    const chain = chains.get(print.visitor) ?? { prints: [], lastMs: atMs }
    chains.set(print.visitor, chain)
    chain.lastMs = atMs
    chain.prints.push(print)
    if (chain.prints.length > KEPT_PRINTS) for (const old of chain.prints.splice(0, 1)) drop(old)
    exact.add(print.all, print)
    alike.add(blockOf(print), print)
  }

  function forgetIdle(nowMs: number): void {
    for (const [visitor, { prints, lastMs }] of chains) {
      if (nowMs - lastMs <= IDLE_MS) continue
      for (const print of prints) drop(print)
      chains.delete(visitor)
    }
  }

  function find(print: Omit<Print, 'visitor'>): string | undefined {
    const same = exact.get(print.all)
    if (same.size > 0) return onlyVisitor(same, () => true)
    return onlyVisitor(alike.get(blockOf(print)), (known) => fits(known, print, hasRule7))
  }

  return {
    name: hasRule7 ? 'FP-Stalker rules (paper)' : 'FP-Stalker rules (authors’ code)',
    assign(visit, known) {
      const atMs = Date.parse(visit.t)
      if (visits++ % SWEEP_EVERY === 0) forgetIdle(atMs)
      const print = readPrint(visit)
      const found = known ?? find(print)
      const visitor = found ?? mint()
      keep({ ...print, visitor }, atMs)
      return { visitor, answered: found !== undefined }
    },
  }
}

/** Rules 1 and 3: nothing of these ever changes. */
const blockOf = ({ constant, canvas }: Pick<Print, 'canvas' | 'constant'>) => `${constant}\n${canvas}`

/** Rules 2 and 4 to 7, of two prints that rules 1 and 3 let pass. */
function fits(known: Print, unknown: Omit<Print, 'visitor'>, hasRule7: boolean): boolean {
  if (known.major > unknown.major) return false
  if (!isSubset(known.fonts, unknown.fonts) && !isSubset(unknown.fonts, known.fonts)) return false
  const free = known.free.filter((value, position) => value !== unknown.free[position]).length
  if (free > 1) return false
  const changes = known.similar.flatMap((before, position) => {
    const after = unknown.similar[position] ?? ''
    return before === after ? [] : [similarity(before, after)]
  })
  if (changes.length > 2 || changes.some((ratio) => ratio < LEAST_SIMILARITY)) return false
  return !hasRule7 || free + changes.length < 2
}

const isSubset = (few: ReadonlySet<string>, many: ReadonlySet<string>) =>
  few.size <= many.size && [...few].every((font) => many.has(font))

/** Whose all that fit are; nobody's as soon as a second visitor has one, which spares looking at hundreds of iPhones. */
function onlyVisitor(prints: Iterable<Print>, isFit: (print: Print) => boolean): string | undefined {
  let found: string | undefined
  for (const print of prints) {
    if (print.visitor === found || !isFit(print)) continue
    if (found !== undefined) return undefined
    found = print.visitor
  }
  return found
}

function createIndex() {
  const sets = new Map<string, Set<Print>>()
  const none: ReadonlySet<Print> = new Set()
  return {
    get: (key: string): ReadonlySet<Print> => sets.get(key) ?? none,
    add(key: string, print: Print): void {
      sets.set(key, (sets.get(key) ?? new Set()).add(print))
    },
    remove(key: string, print: Print): void {
      const set = sets.get(key)
      set?.delete(print)
      if (set?.size === 0) sets.delete(key)
    },
  }
}
