const STEPS = 60
const MOST_STEP = 0.25
/** Points the untouched map is worth. */
const PRIOR_POINTS = 20
const LEAST_SLOPE = 0.4
const MOST_SLOPE = 2
const EDGE = 1e-6
/** What is less likely is no answer, and there is much of it: it must not decide how sure answers are. */
const LEAST_PROBABILITY = 0.3

/** What was claimed, 0–1, and whether it was so. */
interface Claim {
  readonly probability: number
  readonly isBestRight: boolean
}

/** Slope and offset on the logit that make claims come true, by Newton's method with a Gaussian prior round 1 and 0. */
export function fitLogistic(claims: readonly Claim[]): { slope: number; offset: number } {
  const points = claims
    .filter(({ probability }) => probability > LEAST_PROBABILITY)
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
    const slopeStep = (hessianOffset * gradientSlope - hessianBoth * gradientOffset) / determinant
    const offsetStep = (hessianSlope * gradientOffset - hessianBoth * gradientSlope) / determinant
    // Far from the solution a whole step overshoots.
    slope = within(slope + within(slopeStep, -MOST_STEP, MOST_STEP), LEAST_SLOPE, MOST_SLOPE)
    offset += within(offsetStep, -MOST_STEP, MOST_STEP)
  }
  return { slope, offset }
}

const within = (value: number, least: number, most: number) => Math.min(most, Math.max(least, value))
