import type { SignalName } from '../signals.ts'
import type { Facet } from './facets.ts'

/** Shares of browsers and how often each share changes a value, per day. Shares sum to one. */
export type Drift = readonly (readonly [share: number, perDay: number])[]

/** The figures a decision is made with. */
export interface Figures {
  readonly version: number
  readonly drift: Readonly<Partial<Record<SignalName, Drift>>>
  /** Learned probability that a value is a remembered one, by `signal|gap bucket`; where missing, drift tells. */
  readonly agreement: Readonly<Record<string, number>>
  /** A value may change between two visits however close: preferences, docks. */
  readonly changeAtOnce: number
  /** Share of the evidence that further changes of one cause keep. */
  readonly furtherChanges: number
  /** Bits each facet tells within the class, before the site's own counts speak. */
  readonly bits: Readonly<Record<Facet, number>>
  /** Share of independence that is left between facets on the same hardware. */
  readonly independence: number
  /** Probability that whoever was seen once has a twin about, by system. */
  readonly twinRisk: Readonly<Record<string, number>>
  /** Share of returners among visits, before the site's own speak. */
  readonly returners: number
  /** How gaps between visits are spread over the buckets; sums to one. */
  readonly gaps: readonly number[]
  /** Cookie and key lost: per year, and at any visit. */
  readonly proofLossPerYear: number
  readonly proofLossAtOnce: number
  /** Days between two major versions. */
  readonly cadenceDays: Readonly<Record<string, number>>
  /** Final map on the logit: slope and offset. */
  readonly slope: number
  readonly offset: number
}
