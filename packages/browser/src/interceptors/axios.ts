import type { AxiosInstance, AxiosResponse, InternalAxiosRequestConfig } from 'axios'
import { findPolicy, type PolicySource } from './current-policy.ts'
import type { HeaderPolicy } from './header-policy.ts'
import { baseUrlOf, resolveUrl } from './resolve-url.ts'
import type { Uninstall } from './uninstall.ts'

type Interceptable = Pick<AxiosInstance, 'interceptors' | 'getUri'>

function attachTo(policy: HeaderPolicy, url: URL, { headers }: InternalAxiosRequestConfig): void {
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

function observe(policy: HeaderPolicy, url: URL, response: AxiosResponse): void {
  // Only the xhr adapter says where an answer came from. Through the fetch adapter it might come from a redirect's
  // target, which must not hand us a fingerprint.
  const finalUrl: unknown = response.request?.responseURL
  const readHeader = (name: string) => {
    const value: unknown = response.headers[name.toLowerCase()]
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
export function interceptAxios(instance: Interceptable, source?: PolicySource): Uninstall {
  const urlOf = (config: InternalAxiosRequestConfig) =>
    resolveUrl(instance.getUri(config), baseUrlOf(globalThis))
  const quietly = (config: InternalAxiosRequestConfig, work: (policy: HeaderPolicy, url: URL) => void) => {
    try {
      const policy = findPolicy(source)
      const url = urlOf(config)
      if (policy && url) work(policy, url)
    } catch {
      // A config axios itself will refuse, in its own words.
    }
  }
  const request = instance.interceptors.request.use((config) => {
    quietly(config, (policy, url) => attachTo(policy, url, config))
    return config
  })
  const response = instance.interceptors.response.use((answer) => {
    quietly(answer.config, (policy, url) => observe(policy, url, answer))
    return answer
  })
  return () => {
    instance.interceptors.request.eject(request)
    instance.interceptors.response.eject(response)
  }
}
