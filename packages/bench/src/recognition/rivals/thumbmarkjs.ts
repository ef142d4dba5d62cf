import type { RawSignals } from '../world/visit.ts'
import { createExactHash } from './exact-hash.ts'
import { readAgent, textOf } from './fields.ts'
import type { Rival, RivalVisit } from './rival.ts'

/**
 * What ThumbmarkJS 1.11 hashes with its default presets (src/options.ts), user agent and version among it, as far as a
 * visit tells it: on Firefox no canvas and no fonts, on Safari 17 and later neither canvas nor audio, on Samsung
 * Internet no audio, on Brave neither canvas nor cores nor memory. The screen's size only where it can be touched.
 */
function thumbmarkText({ signals }: RivalVisit): string {
  const { devicePixelRatio: _, uaData: __, ...rest } = signals
  const { family } = readAgent(signals)
  const isLeftOut: Partial<Record<keyof RawSignals, boolean>> = {
    canvas: ['Firefox', 'Safari', 'Brave'].includes(family),
    audio: ['Samsung', 'Safari'].includes(family),
    fonts: family === 'Firefox',
    hardwareConcurrency: family === 'Brave',
    deviceMemory: family === 'Brave',
    screen: !(signals.touchPoints !== undefined && signals.touchPoints > 0),
  }
  const kept = Object.entries(rest).filter(([name]) => isLeftOut[name as keyof RawSignals] !== true)
  return textOf(kept.sort(([left], [right]) => (left < right ? -1 : 1)))
}

export const createThumbmarkJs = (): Rival => createExactHash('ThumbmarkJS 1.11', { hash: thumbmarkText })
