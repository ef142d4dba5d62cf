import type { RawSignals } from '../world/visit.ts'
import { createExactHash } from './exact-hash.ts'
import { readAgent, textOf } from './fields.ts'
import type { Rival, RivalVisit } from './rival.ts'

/**
 * What FingerprintJS 5.2 hashes (src/sources/index.ts), no user agent and no version among it, as far as a visit tells
 * it. What it leaves out for a browser it leaves out here: on Safari 17 and later audio, canvas and screen; on Firefox
 * 120 and later canvas, on 143 and later cores; on Samsung Internet 26 and later audio; a canvas that comes out in two
 * ways anywhere.
 */
function fingerprintJsText({ signals, unstable = [] }: RivalVisit): string {
  const { userAgent: _, devicePixelRatio: __, uaData, ...rest } = signals
  const { family, major } = readAgent(signals)
  const isWebkit = family === 'Safari' || /CriOS|FxiOS|EdgiOS/.test(signals.userAgent ?? '')
  const isLeftOut: Partial<Record<keyof RawSignals, boolean>> = {
    canvas: isWebkit || (family === 'Firefox' && major >= 120) || unstable.includes('canvas'),
    audio: isWebkit || (family === 'Samsung' && major >= 26),
    screen: isWebkit,
    hardwareConcurrency: family === 'Firefox' && major >= 143,
  }
  const kept = Object.entries(rest).filter(([name]) => isLeftOut[name as keyof RawSignals] !== true)
  const hints = uaData && {
    brands: uaData.brands.map(([brand]) => brand).filter((brand) => !/not.?a.?brand/i.test(brand)),
    platformVersion: uaData.platformVersion,
    model: uaData.model,
  }
  return textOf([...kept.sort(([left], [right]) => (left < right ? -1 : 1)), hints])
}

/** FingerprintJS's own figures: a constant by platform (src/confidence.ts). */
function confidenceOf(signals: RawSignals): number {
  const { family, os } = readAgent(signals)
  if (os === 'Android') return 40
  if (family === 'Safari') return 30
  if (os === 'Windows') return 60
  return os === 'macOS' ? 50 : 70
}

export const createFingerprintJs = (): Rival =>
  createExactHash('FingerprintJS 5.2', { hash: fingerprintJsText, confidence: confidenceOf })

/** The same, silent wherever it is known not to tell people apart: the best an exact hash can be. */
export const createSingleHolder = (): Rival =>
  createExactHash('exact hash with a single holder', { hash: fingerprintJsText, isSingleHolder: true })
