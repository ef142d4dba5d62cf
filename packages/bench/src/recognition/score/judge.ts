/** What became of one visit, whoever the linker was. */
export interface Outcome {
  /** The truth. */
  readonly browser: string
  readonly atMs: number
  /** The visitor the answer names; absent where it names none. */
  readonly named?: string
  /** 0–100: how sure the answer is of `named`. */
  readonly confidence: number
  /** The visitor the visit was kept under: the one named where that is sure enough, else a fresh one. */
  readonly kept: string
}

/** An outcome held against the truth. */
export interface Judged extends Outcome {
  /** The browser had been here before: only such a visit can be recognised. */
  readonly isReturn: boolean
  /** It names somebody, and rightly. */
  readonly isRight: boolean
  /** It was kept under the visitor of another browser. */
  readonly isFalseMerge: boolean
}

/**
 * Holds outcomes, in time order, against the truth. An answer is right when the visitor it names was created for the
 * same browser, that is when that visitor's first visit was this browser's. Going by the creator and not by the majority
 * of a visitor's visits keeps a wrong merge wrong: otherwise a visitor taken over by a second browser would in the end
 * count as that browser's own.
 */
export function judge(outcomes: Iterable<Outcome>): Judged[] {
  const creators = new Map<string, string>()
  const seen = new Set<string>()
  return Array.from(outcomes, (outcome) => {
    const { browser, named, kept } = outcome
    const isRight = named !== undefined && creators.get(named) === browser
    const isReturn = seen.has(browser)
    if (!creators.has(kept)) creators.set(kept, browser)
    seen.add(browser)
    return { ...outcome, isReturn, isRight, isFalseMerge: creators.get(kept) !== browser }
  })
}

/** An answer, and whether it was right. */
export interface Answer {
  /** 0–1. */
  readonly probability: number
  readonly isRight: boolean
}

/** Visits on which somebody was named, with a probability instead of a confidence. */
export const answersOf = (judged: readonly Judged[]): Answer[] =>
  judged
    .filter(({ named }) => named !== undefined)
    .map(({ confidence, isRight }) => ({ probability: confidence / 100, isRight }))
