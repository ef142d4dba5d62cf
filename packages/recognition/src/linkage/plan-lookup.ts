import type { SignalName } from '../signals.ts'
import { nameComposite } from './composite.ts'
import { FACET_NAMES, FACETS, type Facet } from './facets.ts'
import { onceEach } from './once-each.ts'
import type { Lookup, Observed } from './types.ts'

const MACHINE: readonly SignalName[] = ['hardwareConcurrency', 'deviceMemory', 'model']
const GPU: readonly SignalName[] = ['gpuRenderer']
const DRAWN: readonly SignalName[] = ['canvas', 'webgl', 'audio']

/**
 * Where candidates are looked for, most telling first. Each leaves out what one cause moves, so that every single
 * ordinary change, and most pairs of them, spare one block at least; what is left is as much as can be, so that a
 * block holds few visitors.
 */
const BLOCKS: readonly (readonly SignalName[])[] = [
  // Spared by monitors, zoom, touch screens and preferences.
  [...MACHINE, ...GPU, ...DRAWN, 'fonts', 'languages', 'timezone'],
  // Spared by drivers, browsers and systems that are updated.
  [...MACHINE, 'fonts', 'screen', 'languages', 'timezone'],
  // Spared by journeys and another language.
  [...MACHINE, ...GPU, ...DRAWN, 'fonts', 'screen'],
  // Spared by fonts that are installed, together with updates.
  [...MACHINE, ...GPU, 'screen', 'languages', 'timezone'],
  // Spared by journeys and monitors, together with updates.
  [...MACHINE, ...GPU, 'fonts', 'languages'],
  // Spared by monitors, together with updates that bring fonts.
  [...MACHINE, ...GPU, 'networkPrefix', 'languages', 'timezone'],
]

/** Facets whose frequency is asked for beside the same hardware. */
export const BESIDE_HARDWARE: readonly Facet[] = ['rendering', 'fonts', 'display', 'languages', 'timezone']
/** Facets whose frequency is asked for within the class of system and browser. */
const WITHIN_CLASS: readonly Facet[] = [
  'hardware',
  ...BESIDE_HARDWARE,
  'zoom',
  'system',
  'preferences',
  'network',
]
/** All that an observation says of the device and its owner's habits; the network and the version come and go. */
const WHOLE = FACET_NAMES.filter((facet) => facet !== 'network').flatMap((facet) => FACETS[facet])

/** Count keys by what they count. */
export interface CountKeys {
  readonly inClass: string
  readonly whole: string
  readonly major: string
  readonly within: Readonly<Partial<Record<Facet, string>>>
  readonly beside: Readonly<Partial<Record<Facet, string>>>
}

/** What a decision on this observation has to be given from the site's store. */
export const planLookup = onceEach(nameLookup)

/** The count keys of an observation; a facet of which nothing was seen has none. */
export const countKeys = onceEach(nameCountKeys)

function nameLookup(observed: Observed): Lookup {
  const { inClass, whole, major, within, beside } = countKeys(observed)
  const kind = classOf(observed)
  const blocks = BLOCKS.map((signals, at) => join(observed, `b${at} ${kind}`, signals))
    .filter((text) => text !== undefined)
    .map(nameComposite)
  return {
    blocks: [...new Set(blocks)],
    counts: [inClass, whole, major, ...Object.values(within), ...Object.values(beside)],
  }
}

function nameCountKeys(observed: Observed): CountKeys {
  const kind = classOf(observed)
  const name = (what: string, text: string | undefined) =>
    text === undefined ? undefined : nameComposite(`${what} ${text}`)
  const within: Partial<Record<Facet, string>> = {}
  const beside: Partial<Record<Facet, string>> = {}
  const hardware = join(observed, kind, FACETS.hardware)
  for (const facet of WITHIN_CLASS) {
    const key = name(facet, join(observed, kind, FACETS[facet]))
    if (key !== undefined) within[facet] = key
  }
  for (const facet of BESIDE_HARDWARE) {
    const key = hardware && name(`${facet}+`, join(observed, hardware, FACETS[facet]))
    if (key !== undefined) beside[facet] = key
  }
  return {
    inClass: nameComposite(`class ${kind}`),
    whole: nameComposite(`whole ${join(observed, kind, WHOLE) ?? kind}`),
    major: nameComposite(`major ${kind} ${observed.browserMajor}`),
    within,
    beside,
  }
}

const classOf = ({ osFamily, browserFamily }: Observed) => `${osFamily} ${browserFamily}`

/** Tokens in order, gaps kept; undefined when there are none at all. */
function join(observed: Observed, start: string, signals: readonly SignalName[]): string | undefined {
  let text = start
  let isEmpty = true
  for (const signal of signals) {
    const token = observed.tokens[signal]
    if (token !== undefined) isEmpty = false
    text += ` ${token ?? ''}`
  }
  return isEmpty ? undefined : text
}
