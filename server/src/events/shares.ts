/** A place of limited size that many use at once. */
export interface Shares {
  /**
   * Takes room for all holders, or for none. A holder may have as much as it leaves free: one alone gets half, of two
   * each a third, and there is always room for the next (Choudhury & Hahne, "Dynamic queue length thresholds", 1998).
   * In an empty place everything fits, whatever its size.
   */
  take(holders: readonly string[], amount: number): boolean
  /** Gives back what was taken. */
  give(holders: readonly string[], amount: number): void
}

export function createShares(capacity: number): Shares {
  const heldBy = new Map<string, number>()
  let used = 0
  return {
    take(holders, amount) {
      const free = capacity - used - amount
      const fits = (holder: string) => (heldBy.get(holder) ?? 0) + amount <= free
      if (used > 0 && !(free >= 0 && holders.every(fits))) return false
      used += amount
      for (const holder of holders) heldBy.set(holder, (heldBy.get(holder) ?? 0) + amount)
      return true
    },
    give(holders, amount) {
      used -= amount
      for (const holder of holders) {
        const left = (heldBy.get(holder) ?? 0) - amount
        if (left > 0) heldBy.set(holder, left)
        else heldBy.delete(holder)
      }
    },
  }
}
