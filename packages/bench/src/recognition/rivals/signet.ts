import { createAgreement } from './agreement.ts'
import { textOf } from './fields.ts'
import type { Rival } from './rival.ts'

const HARDWARE = ['canvas', 'audio', 'webgl', 'hardwareConcurrency', 'deviceMemory'] as const
const ENVIRONMENT = [
  'timezone',
  'languages',
  'screen',
  'colorDepth',
  'platform',
  'touchPoints',
  'fonts',
] as const
const SOFTWARE = ['userAgent', 'platformVersion'] as const
const CACHE_MS = 48 * 3_600_000

const each = (names: readonly string[], weight: number) => names.map((name) => [name, weight] as const)

/**
 * As signet (iamgideonidoko/signet, 2026) matches: the same hardware within 48 hours is the same visitor; else the best
 * weighted Jaccard over hardware, environment and software of at least .75. It looks among visitors of the same /24; a
 * rival is shown no network, so this one looks among visitors of like hardware or locale instead.
 */
export function createSignet(): Rival {
  const matcher = createAgreement('signet', {
    weights: Object.fromEntries([...each(HARDWARE, 0.8), ...each(ENVIRONMENT, 0.5), ...each(SOFTWARE, 0.2)]),
    threshold: 0.75,
    abstainsOnTies: false,
  })
  const cache = new Map<string, { readonly visitor: string; readonly atMs: number }>()
  return {
    name: 'signet',
    assign(visit, known) {
      const atMs = Date.parse(visit.t)
      const hardware = textOf(HARDWARE.map((name) => visit.signals[name]))
      const cached = cache.get(hardware)
      const isFresh = cached !== undefined && atMs - cached.atMs <= CACHE_MS
      const answer = matcher.assign(visit, known ?? (isFresh ? cached.visitor : undefined))
      cache.set(hardware, { visitor: answer.visitor, atMs })
      return answer
    },
  }
}
