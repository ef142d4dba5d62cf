import { findPolicy, type PolicySource } from './current-policy.ts'
import type { HeaderPolicy } from './policy-port.ts'
import { baseUrlOf, resolveUrl } from './resolve-url.ts'
import type { Uninstall } from './uninstall.ts'

export type { PolicySource } from './current-policy.ts'

/** What is used of a request's config; the one of axios fits. */
interface RequestConfig {
  headers: {
    get(name: string): unknown
    set(name: string, value: string, rewrite: boolean): unknown
  }
}

interface Answer {
  config: RequestConfig
  headers: object
  request?: { responseURL?: unknown }
}

interface Interceptors {
  // Generic: a handler that returns what it got fits the types of every version of axios.
  use(onFulfilled: <T>(value: T) => T): number
  eject(id: number): void
}

/** An instance of axios 1, described without importing it. */
export interface AxiosLike {
  getUri(config: object): string
  interceptors: { request: Interceptors; response: Interceptors }
}

function attachTo(policy: HeaderPolicy, url: URL, { headers }: RequestConfig): void {
  const ours = policy.headersFor(url)
  if (!ours) return
  policy.attach(url, ours, {
    get(name) {
      const value = headers.get(name)
      return value === undefined || value === null ? null : String(value)
    },
    // `false`: never over a header that is there, nor over one the app has switched off.
    set: (name, value) => headers.set(name, value, false),
  })
}

function observe(policy: HeaderPolicy, url: URL, response: Answer): void {
  // Only the xhr adapter says where an answer came from. Through the fetch adapter it might come from a redirect's
  // target, which must not hand us a fingerprint.
  const finalUrl = response.request?.responseURL
  const readHeader = (name: string) => {
    const value: unknown = Reflect.get(response.headers, name.toLowerCase())
    return typeof value === 'string' ? value : null
  }
  if (typeof finalUrl === 'string') policy.answered({ url, finalUrl, readHeader })
}

/**
 * Adds our headers to the requests of one axios instance. `axios.create()` makes an instance with interceptors of its
 * own, so name each one. Together with `interceptFetch` or `interceptXhr` nothing is sent twice.
 *
 * @param source the client. @default the client created last
 * @example
 * const undo = interceptAxios(api, client)
 */
export function interceptAxios(instance: AxiosLike, source?: PolicySource): Uninstall {
  const urlOf = (config: RequestConfig) => resolveUrl(instance.getUri(config), baseUrlOf(globalThis))
  const quietly = (config: RequestConfig, work: (policy: HeaderPolicy, url: URL) => void) => {
    try {
      const policy = findPolicy(source)
      const url = urlOf(config)
      if (policy && url) work(policy, url)
    } catch {
      // A config axios itself will refuse, in its own words.
    }
  }
  const request = instance.interceptors.request.use((value) => {
    // What axios hands to request interceptors.
    const config = value as RequestConfig
    quietly(config, (policy, url) => attachTo(policy, url, config))
    return value
  })
  const response = instance.interceptors.response.use((value) => {
    // What axios hands to response interceptors.
    const answer = value as Answer
    quietly(answer.config, (policy, url) => observe(policy, url, answer))
    return value
  })
  return () => {
    instance.interceptors.request.eject(request)
    instance.interceptors.response.eject(response)
  }
}
