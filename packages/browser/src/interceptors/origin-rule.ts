import { quietly } from '../platform/quietly.ts'
import { resolveUrl } from './resolve-url.ts'

/**
 * Names requests by where they go.
 *
 * - `'https://api.shop.example'`: exactly this origin (scheme, host and port).
 * - `'https://api.shop.example/v1'` or `{ origin, path }`: this origin, and this path or anything below it.
 * - `'/downloads'`: this path and anything below it on the page's own origin.
 * - a `RegExp`: tested against the full resolved URL; anchor it (`^https://api\.shop\.example/`).
 * - a function: decides on the resolved URL; a throw counts as no.
 *
 * A bare host name (`'api.shop.example'`) names no scheme and no port and is ignored with a warning: a host
 * alone would also stamp other ports, which turns their simple requests into failing preflights.
 */
export type OriginRule = string | RegExp | ((url: URL) => boolean) | { origin: string; path?: string }

type Matches = (url: URL) => boolean

function isBelow(pathname: string, prefix: string): boolean {
  // By whole segments: '/api' covers '/api/users' but not '/apiary'.
  return pathname === prefix || pathname.startsWith(prefix.replace(/\/?$/, '/'))
}

function matchAddress(address: string, pageOrigin: string): Matches | undefined {
  const named = /^(https?:\/\/|\/)/i.test(address) && resolveUrl(address, pageOrigin)
  return named ? (url) => url.origin === named.origin && isBelow(url.pathname, named.pathname) : undefined
}

/** A test that says whether the rule names a URL; undefined where it names none at all. */
export function compileRule(rule: OriginRule, pageOrigin: string): Matches | undefined {
  if (typeof rule === 'string') return matchAddress(rule, pageOrigin)
  if (typeof rule === 'function') return rule
  // `search` ignores `lastIndex`, so a /g expression does not answer differently every second time.
  if (rule instanceof RegExp) return (url) => url.href.search(rule) >= 0
  return matchAddress(rule.origin.replace(/\/$/, '') + (rule.path ?? ''), pageOrigin)
}

/** A test that says whether any of the rules names a URL. Rules that name nothing are ignored. */
export function compileRules(rules: readonly OriginRule[], pageOrigin: string): Matches {
  const tests = rules.flatMap((rule) => compileRule(rule, pageOrigin) ?? [])
  return (url) => tests.some((test) => quietly(() => test(url)))
}
