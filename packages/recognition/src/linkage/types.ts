import type { SignalGroup, SignalName } from '../signals.ts'

/** Turns a normalised value into the site's token: a keyed digest, never equal on two sites. */
export type Tokenise = (signal: SignalName, value: string) => string

/** An observation as the recogniser sees it: tokens, and the few classes kept in clear. */
export interface Observed {
  readonly tokens: Readonly<Partial<Record<SignalName, string>>>
  /** `chrome`, `firefox`, `safari` …; `other` where unknown. */
  readonly browserFamily: string
  /** Orders versions: browsers are never downgraded. */
  readonly browserMajor: number | null
  /** `windows`, `mac`, `ios`, `android`, `linux`, `chromeos`; `other` where unknown. */
  readonly osFamily: string
  /** `phone`, `tablet`, `laptop`, `desktop`; `other` where unknown. */
  readonly screenClass: string
  /** Signals to which the browser adds noise. */
  readonly unstable: readonly SignalName[]
  /** 0–100, how good the observation is. */
  readonly confidence: number
  /** How many pairs of signals cannot both be true. */
  readonly contradictions: number
}

export interface Remembered {
  readonly token: string
  readonly firstSeenAtMs: number
  readonly lastSeenAtMs: number
}

/** `composites`: the count keys a visitor stands under, so that they can be taken back when it goes. */
export type SetName = SignalName | 'composites'

/** What is remembered of one visitor's browser. */
export interface Profile {
  readonly visitorId: string
  readonly sets: Readonly<Partial<Record<SetName, readonly Remembered[]>>>
  readonly browserFamily: string
  readonly browserMajor: number | null
  readonly osFamily: string
  readonly screenClass: string
  readonly observations: number
  readonly firstSeenAtMs: number
  readonly lastSeenAtMs: number
  /** It holds a cookie or key, and so comes without one only after losing it. */
  readonly holdsProof: boolean
  /** The UTC day (days since 1970) whose new values are counted, and how many there were. */
  readonly noveltyDay: number
  readonly noveltyCount: number
}

/** What a decision has to be given from a site's store. */
export interface Lookup {
  /** Keys under which candidates are found, most telling first. */
  readonly blocks: readonly string[]
  /** Keys whose frequency on the site is asked for. */
  readonly counts: readonly string[]
}

/** Hits among trials; additive, so that servers may count apart. */
export interface Tally {
  readonly hits: number
  readonly total: number
}

/** Learned figures of a site by name; the names are this package's own. */
export type Tallies = ReadonlyMap<string, Tally>

/** Weights a decision is made with: the published ones, or what a site has learned. Plain JSON. */
export interface Weights {
  readonly version: number
  readonly [figure: string]: unknown
}

/** What the site's store knows at the moment of a decision. */
export interface SiteKnowledge {
  /** Visitors with a profile that has not expired; bots left out. */
  readonly visitors: number
  /** By count key; a missing key is 0. */
  readonly counts: ReadonlyMap<string, number>
  readonly tallies: Tallies
  readonly weights: Weights
}

export interface DecisionInput {
  readonly observed: Observed
  /** Profiles found under the blocks. */
  readonly candidates: readonly Profile[]
  /** More visitors stand under a block than were loaded: whoever is best may have twins among them. */
  readonly isTruncated: boolean
  readonly knowledge: SiteKnowledge
  readonly atMs: number
  /** Key and cookie were looked for: a candidate that holds them came without. False: neither side's are looked at (blind). */
  readonly knowsProof: boolean
}

export type DecisionMethod = 'fingerprint_exact' | 'fingerprint_similar' | 'new' | 'none'

/** The answer to: which known visitor is this, and how sure are we? */
export interface Decision {
  /** `none`: it cannot be told (several fit alike, or the evidence is thin); `new`: somebody new. */
  readonly method: DecisionMethod
  /** Whom it names; undefined for `new` and `none`. */
  readonly visitorId?: string
  /** 0–100: calibrated probability that the answer is right; of the best candidate, where the method is `none`. */
  readonly confidence: number
  /** Visitors that fit as well as the best, itself included; at least 1. */
  readonly anonymitySet: number
  readonly explanation: Explanation
}

/** Why a decision came out as it did. */
export interface Explanation {
  /** Of the best candidate: bits by group, negative ones speak against it. */
  readonly best?: CandidateBits
  readonly runnerUp?: CandidateBits
  readonly osFamily: string
  readonly browserFamily: string
  /** The observation was neither noisy nor half. */
  readonly isClear: boolean
  /** 0–1. */
  readonly probabilityNew: number
  /** What the decision was made under; see {@link DecisionInput}. */
  readonly knowsProof: boolean
  /** Visitors of the site at the time. */
  readonly visitors: number
  readonly candidates: number
  /** Days since the best candidate was last seen. */
  readonly gapDays?: number
  /** For a person: what lowered the confidence, or kept an answer back. */
  readonly remarks: readonly string[]
}

export interface CandidateBits {
  readonly visitorId: string
  /** 0–1. */
  readonly probability: number
  readonly groups: Readonly<Record<SignalGroup, number>>
  readonly signals: readonly {
    readonly name: SignalName
    /** `known`: a value this visitor had before; `changed`: another one; `noise`: not looked at. */
    readonly state: 'changed' | 'known' | 'noise'
  }[]
}

/** What taking an observation into a profile changes in the store. */
export interface TakenIn {
  readonly profile: Profile
  /** Values this visitor did not have before. */
  readonly novelties: number
  /** Count keys this visitor now holds for the first time: each goes up by one. */
  readonly gained: readonly string[]
  /** Count keys it no longer holds: each goes down by one. */
  readonly lost: readonly string[]
  /** Blocks the visitor is to be found under from now on. */
  readonly blocks: readonly string[]
}
