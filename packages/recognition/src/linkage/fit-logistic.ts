const STEPS = 25
/** Points the untouched map is worth. */
const PRIOR_POINTS = 10
const LEAST_SLOPE = 0.2
const MOST_SLOPE = 3
const EDGE = 1e-6

/** What was claimed, 0–1, and whether it was so. */
interface Claim {
  readonly probability: number
  readonly isBestRight: boolean
}

/** Slope and offset on the logit that make claims come true, by Newton's method with a Gaussian prior round 1 and 0. */
export function fitLogistic(claims: readonly Claim[]): { slope: number; offset: number } {
  const points = claims
    .filter(({ probability }) => probability > EDGE)
    .map(({ probability, isBestRight }) => {
      const p = Math.min(1 - EDGE, probability)
      return { logit: Math.log(p / (1 - p)), isRight: isBestRight ? 1 : 0 }
    })
  let slope = 1
  let offset = 0
  for (let step = 0; step < STEPS; step++) {
    let gradientSlope = PRIOR_POINTS * (1 - slope)
    let gradientOffset = -PRIOR_POINTS * offset
    let hessianSlope = PRIOR_POINTS
    let hessianOffset = PRIOR_POINTS
    let hessianBoth = 0
    for (const { logit, isRight } of points) {
      const expected = 1 / (1 + Math.exp(-(slope * logit + offset)))
      const spread = expected * (1 - expected)
      gradientSlope += (isRight - expected) * logit
      gradientOffset += isRight - expected
      hessianSlope += spread * logit * logit
      hessianOffset += spread
      hessianBoth += spread * logit
    }
    const determinant = hessianSlope * hessianOffset - hessianBoth * hessianBoth
    slope += (hessianOffset * gradientSlope - hessianBoth * gradientOffset) / determinant
    offset += (hessianSlope * gradientOffset - hessianBoth * gradientSlope) / determinant
    slope = Math.min(MOST_SLOPE, Math.max(LEAST_SLOPE, slope))
  }
  return { slope, offset }
}
