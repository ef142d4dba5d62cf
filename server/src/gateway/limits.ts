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

function createCounter(name: string, { points, perSeconds }: LimitRule) {
  const policy = `"${name}";q=${points};w=${perSeconds}`
  return {
    // Each has its storage to itself: with a prefix, every request would build and hash its key anew.
    limiter: new RateLimiterMemory({ keyPrefix: '', points, duration: perSeconds }),
    headers: ({ remainingPoints, msBeforeNext }: RateLimiterRes) => ({
      'RateLimit-Policy': policy,
      RateLimit: `"${name}";r=${Math.max(0, remainingPoints)};t=${Math.ceil(msBeforeNext / 1000)}`,
    }),
  }
}

/** In this process; what counts are kept under is HMAC(key of the day, value), never an address itself. */
export function createLimits(
  rules: Readonly<Record<LimitName, LimitRule>>,
  { keys, nowMs }: { keys: ServerKeys; nowMs: () => number },
): Limits {
  const counters = new Map(Object.entries(rules).map(([name, rule]) => [name, createCounter(name, rule)]))

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
      const counter = counters.get(name)
      if (!counter) return {}
      try {
        return counter.headers(await counter.limiter.consume(hashOfDay(key), points))
      } catch (error) {
        if (!(error instanceof RateLimiterRes)) throw error
        throw new Problem('request.rate_limited', {
          retryAfterSeconds: Math.max(1, error.msBeforeNext / 1000),
          headers: counter.headers(error),
        })
      }
    },
  }
}
