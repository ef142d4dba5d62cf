import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import type { ServerKeys } from '../platform/crypto/server-keys.ts'
import { Problem } from '../platform/http/problem.ts'
import { remember } from '../platform/remember.ts'

export interface LimitRule {
  readonly points: number
  readonly perSeconds: number
}

/** API.md, "Rate limits by default". */
export const DEFAULT_LIMITS = {
  events_session: { points: 600, perSeconds: 60 },
  events_address: { points: 6000, perSeconds: 60 },
  sessions: { points: 60, perSeconds: 60 },
  signup: { points: 10, perSeconds: 3600 },
  login: { points: 10, perSeconds: 60 },
  everything_else: { points: 300, perSeconds: 60 },
} as const satisfies Readonly<Record<string, LimitRule>>

export type LimitName = keyof typeof DEFAULT_LIMITS

export interface Limits {
  /**
   * Takes one point (or more) from a caller's allowance and answers the RateLimit headers
   * (draft-ietf-httpapi-ratelimit-headers-10).
   *
   * @throws Problem `request.rate_limited` with Retry-After
   */
  take(name: LimitName, key: string, points?: number): Promise<Record<string, string>>
}

const DAY_MS = 86_400_000

/** In this process; what counts are kept under is HMAC(key of the day, value), never an address itself. */
export function createLimits(
  rules: Readonly<Record<LimitName, LimitRule>>,
  { keys, nowMs }: { keys: ServerKeys; nowMs: () => number },
): Limits {
  const limiters = new Map(
    Object.entries(rules).map(([name, { points, perSeconds }]) => [
      name,
      new RateLimiterMemory({ keyPrefix: name, points, duration: perSeconds }),
    ]),
  )
  const headers = (name: LimitName, left: RateLimiterRes) => ({
    'RateLimit-Policy': `"${name}";q=${rules[name].points};w=${rules[name].perSeconds}`,
    RateLimit: `"${name}";r=${Math.max(0, left.remainingPoints)};t=${Math.ceil(left.msBeforeNext / 1000)}`,
  })

  let day = -1
  let hash = (key: string) => key
  function hashOfDay(key: string): string {
    const today = Math.floor(nowMs() / DAY_MS)
    if (today !== day) {
      day = today
      hash = remember((text) => keys.mac(`limit-${today}`, text).toString('base64url'))
    }
    return hash(key)
  }

  return {
    async take(name, key, points = 1) {
      const hashed = hashOfDay(key)
      try {
        const left = await limiters.get(name)?.consume(hashed, points)
        return left ? headers(name, left) : {}
      } catch (error) {
        if (!(error instanceof RateLimiterRes)) throw error
        throw new Problem('request.rate_limited', {
          retryAfterSeconds: Math.max(1, error.msBeforeNext / 1000),
          headers: headers(name, error),
        })
      }
    },
  }
}
