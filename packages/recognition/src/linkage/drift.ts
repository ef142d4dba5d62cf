import type { SignalName } from '../signals.ts'
import type { Figures } from './figures.ts'
import { gapBucket } from './gaps.ts'

/** Where no rate was published: one browser in ten changes it, once in five months. */
const UNPUBLISHED = [
  [0.9, 0.0002],
  [0.1, 0.007],
] as const

/** Probability that a signal still has a remembered value `gapDays` after it was last looked at. */
export function agreementAfter(signal: SignalName, gapDays: number, figures: Figures): number {
  const learned = figures.agreement[`${signal}|${gapBucket(gapDays)}`]
  if (learned !== undefined) return learned
  // A mixture, since rates are heavy-tailed: few browsers make most of the changes.
  let kept = 0
  for (const [share, perDay] of figures.drift[signal] ?? UNPUBLISHED)
    kept += share * Math.exp(-perDay * gapDays)
  return kept * (1 - figures.changeAtOnce)
}
