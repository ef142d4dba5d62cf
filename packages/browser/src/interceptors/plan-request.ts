import { quietly } from '../platform/quietly.ts'
import type { CarriedRequest, HeaderPolicy, RequestHeaders, RequestParts } from './policy-port.ts'
import { baseUrlOf, resolveUrl, type Scope } from './resolve-url.ts'

export interface PlannedRequest {
  url: URL
  args: readonly unknown[]
  /** How it carries headers of ours; left out where it carries none. */
  carried?: CarriedRequest
}

/** Dictionary members as of the Fetch standard, November 2026, and `priority`, `duplex` of its extensions. */
const INIT_MEMBERS = [
  'body',
  'cache',
  'credentials',
  'duplex',
  'headers',
  'integrity',
  'keepalive',
  'method',
  'mode',
  'priority',
  'redirect',
  'referrer',
  'referrerPolicy',
  'signal',
  'window',
] as const

function findRequest(input: unknown): Request | undefined {
  // By tag and not by instanceof: a Request of another frame is one too.
  return Object.prototype.toString.call(input) === '[object Request]' ? (input as Request) : undefined
}

/**
 * The caller's init as a plain object of our own. The browser reads it as a dictionary, that is by `Get`: members may
 * be inherited, and getters of a class are not enumerable, so neither spread nor `Object.assign` sees them all.
 * Plain, and no Proxy over the caller's object: wrappers below ours spread what they are given.
 */
function copyInit(init: object | null | undefined): RequestInit {
  const copy: Record<string, unknown> = {}
  for (const name in init) copy[name] = Reflect.get(init, name)
  for (const name of INIT_MEMBERS) {
    const value: unknown = name in copy || !init ? undefined : Reflect.get(init, name)
    if (value !== undefined) copy[name] = value
  }
  return copy
}

function keepReferrer({ request, init }: RequestParts): void {
  // The Request constructor resets both as soon as its second argument has any member, and ours has `headers`.
  if (!request || INIT_MEMBERS.some((name) => Reflect.get(init, name) !== undefined)) return
  init.referrer = request.referrer
  init.referrerPolicy = request.referrerPolicy
}

/** A member as the browser will see it: that of the init, else that of the Request. */
export function effective({ request, init }: RequestParts, name: (typeof INIT_MEMBERS)[number]): unknown {
  return Reflect.get(init, name) ?? (request && Reflect.get(request, name))
}

function planWithHeaders(
  policy: HeaderPolicy,
  url: URL,
  parts: RequestParts & { ours: RequestHeaders },
): PlannedRequest | undefined {
  const { input, request, init, ours } = parts
  const mode = effective(parts, 'mode')
  if (mode === 'no-cors' || mode === 'navigate') {
    // The browser would drop the header or refuse the request.
    policy.skip()
    return
  }
  // Read once: the caller may have given a generator. Headers of an init replace those of its Request.
  const own = new Headers(init.headers === undefined ? request?.headers : init.headers)
  const headers = new Headers(own)
  keepReferrer(parts)
  policy.attach(url, ours, headers)
  // The Request itself goes down, with its body; only its headers are overridden.
  return { url, args: [input, { ...init, headers }], carried: { ...parts, own, headers } }
}

/** How a covered request is sent, or undefined where it must go out exactly as the caller wrote it. Never throws. */
export function planRequest(
  policy: HeaderPolicy,
  scope: Scope,
  args: readonly unknown[],
): PlannedRequest | undefined {
  return quietly(() => {
    const [input, init] = args
    // No arguments, or an init that is no dictionary: the native function has the right words for it.
    if (!args.length || (init && typeof init !== 'object')) return
    const request = findRequest(input)
    // A template and not String(): it refuses symbols, as the browser does.
    const address = request ? request.url : `${input}`
    const url = resolveUrl(address, baseUrlOf(scope))
    const ours = url && policy.headersFor(url)
    if (!ours) return
    if (!Object.keys(ours).length) return { url, args }
    return planWithHeaders(policy, url, {
      input: request ?? address,
      request,
      init: copyInit(init as object | null | undefined),
      ours,
    })
  })
}
