import { textOf } from './fields.ts'
import { createMint, type Rival, type RivalVisit } from './rival.ts'
import { similarity } from './similarity.ts'

/** Eckersley's eight, and what stands for them. */
interface Print {
  readonly userAgent: string
  /** For the HTTP accept headers, of which only the languages still differ within a version. */
  readonly accept: string
  /** `video` in the paper. */
  readonly resolution: string
  readonly timezone: string
  /** For the plugins, which no browser lists any more: the other long text about what a machine holds. */
  readonly plugins: string
  /** As scripts find them instead of Flash. */
  readonly fonts: string
}
// Cookies and supercookies were yes or no; browsers that run scripts say yes.

type Name = keyof Print

const NAMES: readonly Name[] = ['userAgent', 'accept', 'resolution', 'timezone', 'plugins', 'fonts']
/** May become anything. */
const FREE: ReadonlySet<Name> = new Set(['resolution', 'timezone'])
const LEAST_SIMILARITY = 0.85

const readPrint = ({ signals }: RivalVisit): Print => ({
  userAgent: signals.userAgent ?? '',
  accept: textOf(signals.languages),
  resolution: textOf([signals.screen, signals.colorDepth]),
  timezone: signals.timezone ?? '',
  plugins: `${signals.gpuVendor} ${signals.gpuRenderer}`,
  fonts: textOf(signals.fonts),
})

interface Known {
  readonly print: Print
  readonly visitor: string
}

/**
 * Panopticlick's linking (Eckersley, PETS 2010, algorithm 1): the same print is the same browser; else a print that
 * differs from known ones of exactly one visitor in exactly one attribute, if that attribute is free to change or
 * changed little. Nothing is forgotten.
 */
export function createPanopticlick(): Rival {
  const mint = createMint()
  const exact = new Map<string, Known>()
  /** By everything but one attribute. */
  const near = new Map<string, Map<string, Known>>()

  const without = (print: Print, left?: Name) =>
    NAMES.map((name) => (name === left ? left : print[name])).join('\n')

  function keep(print: Print, visitor: string): void {
    const known = { print, visitor }
    exact.set(without(print, undefined), known)
    for (const name of NAMES) {
      const key = without(print, name)
      near.set(key, (near.get(key) ?? new Map()).set(visitor, known))
    }
  }

  function find(print: Print): string | undefined {
    const same = exact.get(without(print, undefined))
    if (same !== undefined) return same.visitor
    const candidates = NAMES.flatMap((changed) =>
      [...(near.get(without(print, changed))?.values() ?? [])].map((known) => ({ ...known, changed })),
    )
    const [first] = candidates
    if (first === undefined || candidates.some(({ visitor }) => visitor !== first.visitor)) return undefined
    const name = first.changed
    return FREE.has(name) || similarity(first.print[name], print[name]) > LEAST_SIMILARITY
      ? first.visitor
      : undefined
  }

  return {
    name: 'Panopticlick',
    assign(visit, known) {
      const print = readPrint(visit)
      const found = known ?? find(print)
      const visitor = found ?? mint()
      keep(print, visitor)
      return { visitor, answered: found !== undefined }
    },
  }
}
