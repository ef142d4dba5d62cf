import type { IncomingMessage } from 'node:http'
import type { FingerprintSource, RecognitionMethod } from '@helloagain/protocol'
import type { Observed } from '@helloagain/recognition/linkage'
import type { Response } from 'express'
import type { RequestContext } from '../platform/http/context.ts'

/** One browser profile as the server knows it, anonymous or not. */
export interface Visitor {
  readonly id: string
  readonly siteId: string
  readonly firstSeenAtMs: number
  readonly lastSeenAtMs: number
  readonly visitCount: number
  readonly userId: string | null
  /** Why it is held to be a program; null for a person, empty when somebody said that it is one. */
  readonly botReasons: readonly string[] | null
  /** Somebody said "not me" at its browser: whose its fingerprint is cannot be told. @default false */
  readonly isShared?: boolean
}

/** A fingerprint as one request brought it. */
export interface Observation {
  /** 32 lower-case hex digits. */
  readonly hash: string
  /** 0–100, how good the observation is; the server's own figure. */
  readonly confidence: number
  /** Information in the observation, in bits; what the probability of a match by a bare hash is reckoned from. */
  readonly bits: number
  readonly source: FingerprintSource
  /** The browser says that a program drives it. */
  readonly isDriven?: boolean
  /** What the recogniser compares; absent for a bare hash, and for signals that do not make their hash. */
  readonly observed?: Observed
}

/** Evidence below cookie and key. None of it proves anything. */
export interface WeakEvidence {
  readonly deviceId?: string
  readonly fingerprint?: Observation
  /** What speaks for a program; see `bots.ts`. */
  readonly botReasons?: readonly string[]
}

/** Evidence of a visitor whose it is held to be. */
export interface OwnEvidence extends WeakEvidence {
  /** Cookie, key or token says so. @default false: the request made the visitor, or nothing says so */
  readonly isProven?: boolean
}

/** A visitor that weak evidence points to. */
export interface Match {
  readonly visitorId: string
  readonly method: Extract<RecognitionMethod, 'device_id' | 'fingerprint_recognized'>
  /** 0–100, probability that it is the same visitor. */
  readonly confidence: number
  /** 0–100, of the fingerprint; 100 for a device id. */
  readonly observationConfidence: number
  /** Visitors (linked ones counted as one) that hold the same evidence. */
  readonly anonymitySet: number
  /** Why, of an answer by signals. */
  readonly evidence?: LinkEvidence
}

/** Who made, undid or renewed a link, when and why. */
export interface LinkChange {
  readonly what: 'made' | 'undone'
  readonly atMs: number
  /** Id of the secret key; `server` for what it does of its own accord. */
  readonly by: string
  readonly reason: string
}

/** Why a link was made, for a person. */
export interface LinkEvidence {
  /** Bits by group of signals; negative speaks against. */
  readonly groups: Readonly<Record<string, number>>
  /** Not who it was: that visitor may be erased, and would live on in somebody else's link. */
  readonly runnerUp?: { readonly confidence: number }
  /** Oldest first; what recognition made, and nobody changed, has none. */
  readonly changes?: readonly LinkChange[]
}

/** A person at a browser; see `user_device_edges`. */
export interface Presence {
  readonly siteId: string
  readonly visitorId: string
  readonly userId: string
}

export interface VisitorLink {
  readonly id: string
  readonly visitorId: string
  readonly knownVisitorId: string
  readonly method: string
  readonly confidence: number
  readonly observationConfidence: number
  readonly anonymitySet: number
  readonly createdAtMs: number
  readonly undoneAtMs: number | null
  /** Null for a link without a fingerprint. */
  readonly evidence: LinkEvidence | null
  readonly undoneReason: string | null
}

/** Evidence of a visitor at a moment. */
export interface Sighting {
  readonly siteId: string
  readonly visitorId: string
  readonly atMs: number
}

/** What the room needs of a database. */
export interface RecognitionStore {
  /** Inserts; a visitor that is there stays as it is. */
  insertVisitor(visitor: Visitor): Promise<void>
  findVisitor(siteId: string, visitorId: string): Promise<Visitor | undefined>
  /** People only: who is held to be a program is not counted. */
  countVisitors(siteId: string): Promise<number>
  /** Visitors whose browsers computed this fingerprint, oldest first; no programs, unless they are to be recognised. */
  holdersOfFingerprint(siteId: string, fingerprint: string, limit: number): Promise<string[]>
  /** Visitors that brought this device id, oldest first. */
  holdersOfDevice(siteId: string, deviceToken: string, limit: number): Promise<string[]>
  /** Each visitor with the one it is held to be, at the end of the links that stand; others are left out. */
  knownAs(visitorIds: readonly string[]): Promise<ReadonlyMap<string, string>>
  /** The best observation confidence anybody reported with this fingerprint. */
  bestObservation(siteId: string, fingerprint: string): Promise<number | undefined>
  hasFingerprint(visitorId: string): Promise<boolean>
  /** Keeps the first time and the better confidence; moves the last time. */
  rememberFingerprint(sighting: Sighting, observation: Observation): Promise<void>
  rememberDevice(sighting: Sighting, deviceToken: string): Promise<void>
  /**
   * Writes what recognition found. The same pair by the same method is one link. It is left out where the visitor is
   * held to be somebody already, and where it would join what was split. Where both hold keys or belong to two users
   * it is written as one that does not stand.
   */
  insertLink(link: VisitorLink & { siteId: string }): Promise<void>
  /**
   * Undoes the links of a visitor that came to hold a key, or to be a user's, while it was held to be the same as
   * another one that does. Answers the links.
   */
  keepApart(siteId: string, visitorId: string, atMs: number): Promise<readonly VisitorLink[]>
  /**
   * Opens the edge of a user and a visitor where none is open, and closes those of other users there.
   *
   * @param untilMs when it ends by itself; null leaves that as it is, or unknown
   */
  openEdge(presence: Presence, atMs: number, untilMs: number | null): Promise<void>
  closeEdges(presence: Presence, atMs: number): Promise<void>
  /** Users that were at a visitor's browser, each as often as they arrived, and those who are. */
  countEdges(siteId: string, visitorId: string, atMs: number): Promise<{ total: number; open: number }>
  /** From and to the visitor, oldest first. */
  listLinks(siteId: string, visitorId: string): Promise<VisitorLink[]>
  /** Marks the visitor, and nobody it is linked with: a forged fingerprint may have made the link. */
  markShared(siteId: string, visitorId: string): Promise<void>
  /** Whether a visitor, or anybody who is held to be it, is marked. */
  isShared(visitorId: string): Promise<boolean>
  /**
   * Deletes fingerprints, device ids and links of a visitor; answers how many rows went. Those it was linked with and
   * who were not seen since it began are marked as shared: who wants to be forgotten is not to be greeted as one of them.
   */
  forget(siteId: string, visitorId: string): Promise<number>
}

/** What this room offers the others. */
export interface Recognition {
  /** @param id given for a visitor that lives for a day only; made twice, it is one */
  createVisitor(siteId: string, atMs: number, id?: string): Promise<Visitor>
  findVisitor(siteId: string, visitorId: string): Promise<Visitor | undefined>
  /** Adds what in the request, and in what it brought, speaks for a program. Nobody is refused anything for it. */
  suspect(context: RequestContext, evidence: WeakEvidence): WeakEvidence
  /**
   * The known visitor that weak evidence points to: device id first, then the fingerprint, exact or similar by its
   * signals, a bare hash exact only. Undefined when nothing matches, when the server made the fingerprint, when its
   * observation is below 60, or when several unlinked visitors fit alike (it abstains). A program is not recognised by
   * fingerprint. Nor is anybody named at whose browser somebody said "not me"; the visitor that asks is then held to be at
   * that browser, too.
   *
   * @param exceptVisitorId the visitor that asks, who may hold the evidence itself; absent: it was not looked whether
   *   somebody's cookie or key came along
   */
  match(siteId: string, evidence: WeakEvidence, exceptVisitorId?: string): Promise<Match | undefined>
  /**
   * Adds evidence to a visitor and its profile; a server-made fingerprint never replaces a computed one. What proven
   * visitors bring teaches the recogniser. A program is flagged, leaves no profile and teaches nothing.
   */
  remember(siteId: string, visitorId: string, evidence: OwnEvidence, atMs: number): Promise<void>
  /**
   * Somebody says that they are not who was at this visitor's browser: weak evidence does not name the visitor any
   * more, nor whoever it is held to be while it is, and it teaches nothing.
   */
  markShared(siteId: string, visitorId: string): Promise<void>
  /** Records that a fresh visitor is held to be a known one. Reversible; moves no data. */
  link(siteId: string, visitorId: string, match: Match, atMs: number): Promise<void>
  /**
   * To be told when a visitor came to hold a device key or to be a user's: undoes links to those who do, too. Two
   * keys are two browsers, and two users are two people, however alike their browsers look.
   */
  keepApart(siteId: string, visitorId: string, atMs: number): Promise<void>
  /**
   * A person logged in at a browser, or is still there; whoever was there before is not any more. Visitors are not
   * joined by it.
   *
   * @param untilMs when it ends unless told otherwise; null where that is not known
   */
  userArrived(presence: Presence, atMs: number, untilMs: number | null): Promise<void>
  /** The person logged out. */
  userLeft(presence: Presence, atMs: number): Promise<void>
  /** Links from and to a visitor, oldest first, undone ones too. */
  listLinks(siteId: string, visitorId: string): Promise<VisitorLink[]>
  /** Whether a browser's own fingerprint is known of the visitor. */
  hasFingerprint(visitorId: string): Promise<boolean>
  /** Deletes what the visitor could be recognised by, and its links. Answers how many rows went. */
  forget(siteId: string, visitorId: string): Promise<number>
  /** Whether a match is good enough to link or convert by: API.md's two-confidence rule. */
  isLinkable(match: Match): boolean
}

/** A fingerprint as it arrives: with the signals it was made of, or bare. */
export interface ReportedFingerprint {
  readonly hash: string
  readonly signals?: Readonly<Record<string, unknown>>
  readonly unstable?: readonly string[]
  /** Of the request, /24 or /48; what a client says of its network is not read. */
  readonly networkPrefix?: string
}

/** Turns what a request brought into an {@link Observation}; a confidence the client claims is not read. */
export type Observe = (
  site: { readonly id: string; readonly fingerprintSalt: string },
  reported: ReportedFingerprint | string,
  source?: FingerprintSource,
) => Promise<Observation>

/** The fingerprint of a request and the tier it was found in. */
export interface FoundFingerprint {
  readonly hash: string
  /** `request_cache` when this request was asked before. */
  readonly source: FingerprintSource
  /** The tier that found it first. */
  readonly origin: Exclude<FingerprintSource, 'request_cache'>
}

/** The tiers a fingerprint is found in, and the cookie that is one of them. */
export interface FingerprintTiers {
  /**
   * The fingerprint of a request, from the first tier that has one: request cache, header, cookie, made here.
   * Undefined under Global Privacy Control or DNT, for a token or secret key, and where a site that takes no consent
   * for no has none: then nothing is looked up.
   */
  find(request: IncomingMessage, context: RequestContext): FoundFingerprint | undefined
  /** Copies a computed fingerprint into the cookie tier, unless it is there. Only in mode `recognition`. */
  keepCookie(response: Response, context: RequestContext, hash: string): void
  clearCookie(response: Response, context: RequestContext): void
}
