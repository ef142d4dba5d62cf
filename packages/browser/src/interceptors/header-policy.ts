import { quietly } from '../platform/quietly.ts'
import { mendFetch } from './mend-fetch.ts'
import { compileRule } from './origin-rule.ts'
import { createPolicy } from './policy.ts'
import type { CountingPolicy, HeaderPolicyOptions, PolicyCounters, PolicyWarning } from './policy-port.ts'
import { baseUrlOf, resolveUrl } from './resolve-url.ts'

export type { CountingPolicy, HeaderPolicy, HeaderPolicyOptions } from './policy-port.ts'

/**
 * The rules of our request headers in one place; every interceptor asks it.
 *
 * @example
 * const policy = createHeaderPolicy({ sessionId: () => session.id, tokenOrigins: ['https://api.shop.example'] })
 * const undo = interceptFetch(policy)
 */
export function createHeaderPolicy({ onWarning, ...options }: HeaderPolicyOptions): CountingPolicy {
  const counters: PolicyCounters = { attached: 0, skipped: 0, wouldPreflight: 0, redirectLearned: 0 }
  const warned = new Set<string>()
  const baseUrl = (): string =>
    typeof options.baseUrl === 'function' ? options.baseUrl() : (options.baseUrl ?? baseUrlOf(globalThis))
  // Not the origin of `baseUrl`: a <base href> may point at a CDN. 'null' in a sandbox, which names nothing.
  const pageOrigin = globalThis.origin ?? quietly(() => resolveUrl('', baseUrl()))?.origin ?? 'null'
  const warn = (warning: PolicyWarning, address: string) => quietly(() => onWarning?.(warning, address))

  function onAttached({ origin }: URL): void {
    counters.attached++
    if (origin === pageOrigin) return
    counters.wouldPreflight++
    if (!warned.has(origin)) warn('would_preflight', origin)
    warned.add(origin)
  }
  const rules = {
    sessionTargets: pageOrigin === 'null' ? [] : [pageOrigin],
    tokenOrigins: [],
    exclude: [],
    ...options,
  }
  for (const rule of [...rules.sessionTargets, ...rules.tokenOrigins, ...rules.exclude]) {
    if (compileRule(rule, pageOrigin)) continue
    warn('rule_ignored', typeof rule === 'string' ? rule : JSON.stringify(rule))
  }
  const policy = createPolicy({
    ...rules,
    ...{ baseUrl, pageOrigin, mend: mendFetch },
    onLearned(url) {
      counters.redirectLearned++
      warn('redirect_learned', url.origin + url.pathname)
    },
  })
  const skip = (): void => {
    counters.skipped++
  }
  return {
    ...policy,
    headersFor(url) {
      const headers = policy.headersFor(url)
      if (!headers) skip()
      return headers
    },
    attach(url, headers, carrier) {
      const hasAttached = policy.attach(url, headers, carrier)
      if (hasAttached) onAttached(url)
      return hasAttached
    },
    skip,
    counters,
  }
}
