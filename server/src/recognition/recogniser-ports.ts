import type {
  Decision,
  DecisionInput,
  Lookup,
  Observed,
  Profile,
  TakenIn,
  Tallies,
  Tally,
  Tokenise,
  Weights,
} from '@helloagain/recognition/linkage'

/** A profile found under a block. */
export interface Candidate {
  /** Without its count keys. */
  readonly profile: Profile
  /** The visitor it is held to be, by its first link that stands. */
  readonly knownAs: string | undefined
  /** It stands under a block that was read to its end, so whoever is like it was found, too. */
  readonly isListedWhole: boolean
}

/** What a site's store knows towards a decision. */
export interface Found {
  readonly candidates: readonly Candidate[]
  /** Of all profiles of the site. */
  readonly visitors: number
  /** By count key; those that nobody holds are missing. */
  readonly counts: ReadonlyMap<string, number>
}

/** What a look-up reads at most. */
export interface LookupBounds {
  /** Under each block, those seen last. */
  readonly perBlock: number
  /** Of all, those that stand under the most telling blocks, then those seen last. */
  readonly candidates: number
}

/** How a take changes a profile. Nothing but a function of what it is handed: it may be asked again. */
export type ChangeProfile = (known: Profile | undefined) => TakenIn | undefined

/** What the recogniser needs of a database. */
export interface RecogniserStore {
  /** In one round trip. */
  find(siteId: string, lookup: Lookup, bounds: LookupBounds): Promise<Found>
  findProfile(siteId: string, visitorId: string): Promise<Profile | undefined>
  /**
   * Reads a profile, changes it, and writes profile, blocks and counts, all or nothing; two changes of one visitor go
   * one after the other. False, and nothing is written, where there is no such visitor or the change is undefined.
   */
  change(siteId: string, visitorId: string, change: ChangeProfile): Promise<boolean>
  /** Deletes a profile and its blocks, and lowers what it was counted under. Answers how many rows went. */
  forgetProfile(siteId: string, visitorId: string): Promise<number>
  /**
   * The same for profiles last seen before, at most so many; and deletes as many other tokens (fingerprints, device
   * ids) as old. Answers how many rows went; 0: there are no more.
   */
  expire(cutoffMs: number, limit: number): Promise<number>
  tallies(siteId: string): Promise<Tallies>
  /** Adds up. */
  addTallies(siteId: string, tallies: Tallies): Promise<void>
  /** The learned weights that are live; undefined before the first ones. */
  liveWeights(siteId: string): Promise<Weights | undefined>
}

export interface Question {
  readonly atMs: number
  /** The visitor that asks, who is not told about itself. */
  readonly exceptVisitorId?: string
  /** Key and cookie were looked for; false: blind. */
  readonly knowsProof: boolean
  /** The answer counts towards how often people return. @default true */
  readonly teaches?: boolean
}

export interface Take {
  readonly atMs: number
  /** Key or cookie says whose observation it is. */
  readonly isTrusted: boolean
  /** The browser is known to hold a key or cookie. */
  readonly holdsProof: boolean
  readonly isBot: boolean
}

export interface Lesson {
  readonly atMs: number
  /** The visitor had been here before. */
  readonly isReturn: boolean
}

/** An answer with what it was made from. */
export interface Consideration {
  readonly input: DecisionInput
  readonly decision: Decision
}

/** Answers, and teaches nobody. */
export type Consider = (siteId: string, observed: Observed, question: Question) => Promise<Consideration>

/** A visit whose visitor key or cookie has proven. */
// biome-ignore lint/complexity/useMaxParams: whose, what, and how it came; as in take.
export type Learn = (siteId: string, visitorId: string, observed: Observed, lesson: Lesson) => Promise<void>

/** What learning is handed. */
export interface Schooling {
  readonly consider: Consider
  readonly findProfile: RecogniserStore['findProfile']
  /** Adds to what the site has learned; at once for this server, written with the next flush. */
  add(siteId: string, tallies: ReadonlyMap<string, Tally>): void
}

/** Which known visitor is this, and how sure are we? */
export interface Recogniser {
  /** Turns values into the site's tokens. */
  tokeniseFor(siteId: string): Tokenise
  /** Reads only; what the answer teaches is written with the next flush. */
  recognise(siteId: string, observed: Observed, question: Question): Promise<Decision>
  /**
   * Takes an observation into the visitor's profile. A bot leaves none; what nothing proves changes little of a
   * profile, and nothing of a visitor that holds a key or cookie.
   */
  take(siteId: string, visitorId: string, observed: Observed, take: Take): Promise<void>
  readonly learn: Learn
  /** Writes what decisions and lessons taught since the last time. */
  flush(): Promise<void>
}
