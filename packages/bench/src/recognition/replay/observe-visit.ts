import { type Observed, observe, type Tokenise } from '../../../../recognition/src/linkage.ts'
import { normalizeVisit } from './normal-visit.ts'
import type { Seen } from './parse-visit.ts'

export interface ObserveVisitOptions {
  readonly tokenise: Tokenise
  /** The network is hidden. */
  readonly isCold: boolean
}

/** A visit as the server's recogniser would see it. */
export function observeVisit(seen: Seen, { tokenise, isCold }: ObserveVisitOptions): Observed {
  const { signals, unstable } = normalizeVisit(seen)
  return observe(signals, {
    ...{ tokenise, unstable },
    ...(!isCold && seen.network !== undefined && { networkPrefix: seen.network }),
  })
}
