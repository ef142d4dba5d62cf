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
  /** Share of pairs of different browsers with equal values: what a bare pair is scored by. */
  readonly coincidence: Readonly<Partial<Record<SignalName, number>>>
  /** Share of those bits that is left once the hardware is the same. */
  readonly independence: Readonly<Record<Facet, number>>
  /**
   * Strangers who look the same as a visitor that is the only one to look so, were the whole site to come anew; by
   * system, and by how many would by chance: see `twinBucket`.
   */
  readonly twins: Readonly<Record<string, readonly number[]>>
  /** What the site has learned of its own twins, as a factor by system. */
  readonly twinScale: Readonly<Record<string, number>>
  /** What the site has learned of changes: a factor on what each costs. */
  readonly changeScale: number
  /** Share of looks that are a fleet's, by system, and machines in it. */
  readonly fleets: Readonly<Record<string, number>>
  readonly fleetSize: number
  /** Share of returners among visits, before the site's own speak. */
  readonly returners: number
  /** How gaps between visits are spread over the buckets; sums to one. */
  readonly gaps: readonly number[]
  /** Cookie and key lost: per year, and at any visit. */
  readonly proofLossPerYear: number
  readonly proofLossAtOnce: number
  /** Share of returners without proof that held one before; the others never do. */
  readonly lostByHolders: number
  /** Days between two major versions. */
  readonly cadenceDays: Readonly<Record<string, number>>
  /** Final map on the logit: slope and offset. */
  readonly slope: number
  readonly offset: number
}
