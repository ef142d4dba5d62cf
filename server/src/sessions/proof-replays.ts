/** Remembers proofs that were used, so that each counts once; memory now, Redis later. */
export interface ProofReplays {
  /** True for the first who brings the proof; false for everybody after, and while there is no room to remember it. */
  take(proofId: string, untilMs: number): Promise<boolean> | boolean
}

export interface MemoryProofReplaysOptions {
  readonly nowMs: () => number
  /** Some 150 bytes each. */
  readonly maxProofs: number
}

/** Used proofs of one process. A Redis driver passes the same contract test. */
export function createMemoryProofReplays({ nowMs, maxProofs }: MemoryProofReplaysOptions): ProofReplays {
  // In order of arrival, which is the order they end in.
  const used = new Map<string, number>()

  function sweep(): void {
    for (const [proofId, untilMs] of used) {
      if (untilMs > nowMs()) return
      used.delete(proofId)
    }
  }

  return {
    take(proofId, untilMs) {
      sweep()
      // Making room by forgetting would let a flood of proofs bring back one that was used; the cookie still proves.
      if (used.has(proofId) || used.size >= maxProofs) return false
      used.set(proofId, untilMs)
      return true
    },
  }
}
