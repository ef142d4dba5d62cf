import type { LinkChange, VisitorLink } from './ports.ts'

/** Links made by hand; all other methods are those of recognition. */
export const MERGE_METHOD = 'merge'
/** Marks two visitors that somebody held apart though nothing links them directly; such a link never stands. */
export const SPLIT_METHOD = 'split'

/** Why two visitors cannot be one person. */
export type Conflict = 'both_hold_keys' | 'two_users'

/** Who changes the graph, when and why. */
export type GraphChange = Omit<LinkChange, 'what'>

export type Merged =
  | { readonly kind: 'conflict'; readonly conflict: Conflict }
  | { readonly kind: 'not_found' }
  /** `isNew` is false for two that were one person already. */
  | { readonly kind: 'merged'; readonly link: VisitorLink; readonly isNew: boolean }

/** All visitors that are held to be one. */
export interface Person {
  /** The one that is nobody else. */
  readonly visitorId: string
  readonly visitors: number
}

/** What of a visitor's links is to be undone: one of them, what joins it to another visitor, or all. */
export type SplitTarget =
  | { readonly kind: 'all' }
  | { readonly kind: 'from'; readonly visitorId: string }
  | { readonly kind: 'link'; readonly linkId: string }

export type Split =
  | { readonly kind: 'link_not_found' }
  | { readonly kind: 'not_found' }
  | { readonly kind: 'split'; readonly undone: readonly VisitorLink[] }

/**
 * Visitors and the links between them. Links that stand make a forest: each visitor is held to be at most one other,
 * and never in a circle; whoever hangs together is one person. No person holds two device keys or belongs to two users.
 */
export interface GraphStore {
  personOf(visitorId: string): Promise<Person>
  /**
   * Merges two visitors of a site. The new link joins the two themselves wherever one of them is nobody else already.
   * Two that were split are merged again.
   */
  merge(siteId: string, visitorIds: readonly [string, string], change: GraphChange): Promise<Merged>
  /**
   * Undoes links; doing it twice is doing it once. Whoever was split is never linked again but by {@link merge}, and
   * nobody's link joins them either. From a visitor: undoes the link by which the two came to be one.
   */
  split(
    visitor: { siteId: string; visitorId: string },
    target: SplitTarget,
    change: GraphChange,
  ): Promise<Split>
}
