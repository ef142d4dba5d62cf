import type { Visit } from '../world/visit.ts'

/** What a rival is shown: neither truth nor evidence nor network. */
export type RivalVisit = Pick<Visit, 'signals' | 't' | 'unstable'>

export interface RivalAnswer {
  /** The visitor the visit is kept under: the one it was recognised as, else a fresh one. */
  readonly visitor: string
  /** It was recognised as somebody who was here before. */
  readonly answered: boolean
  /** 0–100, where the rival has such a thing. */
  readonly confidence?: number
}

/** Another way to recognise browsers. Visits come in order of time; state is its own. */
export interface Rival {
  readonly name: string
  /**
   * @param known whom key or cookie have proven it to be, one of the visitors answered before: nothing is asked then,
   *   the visit is only kept under that one
   */
  assign(visit: RivalVisit, known?: string): RivalAnswer
}

/** Names for new visitors. */
export function createMint(): () => string {
  let minted = 0
  return () => `v${++minted}`
}
