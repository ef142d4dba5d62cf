/** One scored item, and whether it is one of those that should score high. */
export interface Scored {
  readonly score: number
  readonly isPositive: boolean
}

export interface Auc {
  /** Probability that a positive scores above a negative, ties counting half. NaN without either. */
  readonly auc: number
  readonly standardError: number
}

/** Area under the ROC curve by ranks (Mann and Whitney), its standard error by Hanley and McNeil, Radiology 1982. */
export function areaUnderCurve(items: readonly Scored[]): Auc {
  const sorted = [...items].sort((left, right) => left.score - right.score)
  const positives = sorted.filter(({ isPositive }) => isPositive).length
  const negatives = sorted.length - positives
  let rankSum = 0
  for (let first = 0; first < sorted.length; ) {
    let next = first
    while (next < sorted.length && sorted[next]?.score === sorted[first]?.score) next += 1
    const tied = sorted.slice(first, next).filter(({ isPositive }) => isPositive).length
    // Ranks count from 1; equal scores share their middle one.
    rankSum += tied * ((first + 1 + next) / 2)
    first = next
  }
  const auc = (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives)
  const above = auc / (2 - auc)
  const twice = (2 * auc ** 2) / (1 + auc)
  const variance =
    (auc * (1 - auc) + (positives - 1) * (above - auc ** 2) + (negatives - 1) * (twice - auc ** 2)) /
    (positives * negatives)
  return { auc, standardError: Math.sqrt(variance) }
}
