import { FINGERPRINT_HEADER, SESSION_HEADER } from '@helloagain/protocol'
import type { HeaderPolicy } from './header-policy.ts'
import { type Callable, installLayer, type Layer } from './layer.ts'
import { resolveUrl, type Scope } from './plan-request.ts'
import type { Uninstall } from './uninstall.ts'

interface OpenedRequest {
  isIdempotent: boolean
  url: URL | undefined
  /** What the app has set, by lower-case name. */
  own: Map<string, string>
}

/** Requests between `open` and their end, shared by all layers. */
const opened = /* @__PURE__ */ new WeakMap<object, OpenedRequest>()

export interface XhrScope extends Scope {
  XMLHttpRequest?: { readonly prototype: XMLHttpRequest }
}

function wrapOpen(layer: Layer, scope: Scope): Callable {
  return {
    open(this: unknown, ...args: unknown[]) {
      // The very same arguments, and as many: a third one, even undefined, would make the request synchronous.
      const result = Reflect.apply(layer.original, this, args)
      try {
        const isIdempotent = /^(GET|HEAD)$/i.test(`${args[0]}`)
        opened.set(this as object, { isIdempotent, url: resolveUrl(`${args[1]}`, scope), own: new Map() })
      } catch {
        opened.delete(this as object)
      }
      return result
    },
  }.open
}

function wrapSetRequestHeader(layer: Layer): Callable {
  return {
    setRequestHeader(this: unknown, ...args: unknown[]) {
      const result = Reflect.apply(layer.original, this, args)
      opened.get(this as object)?.own.set(`${args[0]}`.toLowerCase(), `${args[1]}`)
      return result
    },
  }.setRequestHeader
}

/** From the whole list: asking for one header that is not exposed makes Chromium log an error into the app's console. */
function readAnswerHeader(xhr: XMLHttpRequest, name: string): string | undefined {
  const wanted = `${name.toLowerCase()}:`
  const line = xhr
    .getAllResponseHeaders()
    .split('\r\n')
    .find((each) => each.toLowerCase().startsWith(wanted))
  return line?.slice(wanted.length).trim()
}

function observe(policy: HeaderPolicy, xhr: XMLHttpRequest, url: URL): void {
  const request = opened.get(xhr)
  // A listener of a request that was opened anew before it ended must not speak for its successor.
  const isCurrent = () => opened.get(xhr) === request
  const answered = () => {
    if (!isCurrent()) return
    policy.answered({ url, finalUrl: xhr.responseURL, readHeader: (name) => readAnswerHeader(xhr, name) })
  }
  xhr.addEventListener('load', answered, { once: true })
  const carriesOurs = [SESSION_HEADER, FINGERPRINT_HEADER].some((name) =>
    request?.own.has(name.toLowerCase()),
  )
  if (!request?.isIdempotent || !carriesOurs) return
  // An XHR cannot be sent again behind the app's back. The next one to this path goes bare; where it ends decides.
  xhr.addEventListener('error', () => isCurrent() && policy.failed(url), { once: true })
}

function prepare(policy: HeaderPolicy, xhr: XMLHttpRequest): void {
  const request = opened.get(xhr)
  // 1 is OPENED: in any other state the native `send` throws, and it must be the one that does.
  if (!request?.url || xhr.readyState !== 1) return
  const ours = policy.headersFor(request.url)
  if (!ours) return
  policy.attach(request.url, ours, {
    get: (name) => request.own.get(name.toLowerCase()) ?? null,
    // Through the page's own chain, so that other wrappers see it; ours notes it in `own`.
    set: (name, value) => xhr.setRequestHeader(name, value),
  })
  observe(policy, xhr, request.url)
}

function wrapSend(layer: Layer): Callable {
  return {
    send(this: unknown, ...args: unknown[]) {
      try {
        if (layer.policy) prepare(layer.policy, this as XMLHttpRequest)
      } catch {
        // Sent already, or no XMLHttpRequest: the native `send` says so in its own words.
      }
      return Reflect.apply(layer.original, this, args)
    },
  }.send
}

/**
 * Adds the policy's headers to every `XMLHttpRequest` it covers, synchronous ones included. Nothing of the answer is
 * read but its address and header list, so `responseType` and handlers stay the app's own.
 *
 * @param scope the global to patch: `window`, a worker's `self`, or a same-origin frame's `contentWindow`.
 */
export function interceptXhr(policy: HeaderPolicy, scope: XhrScope = globalThis): Uninstall {
  const prototype = scope.XMLHttpRequest?.prototype
  if (!prototype) return () => {}
  const undos = [
    installLayer(prototype, 'open', { policy, wrap: (layer) => wrapOpen(layer, scope) }),
    installLayer(prototype, 'setRequestHeader', { policy, wrap: wrapSetRequestHeader }),
    installLayer(prototype, 'send', { policy, wrap: wrapSend }),
  ]
  return () => {
    for (const undo of undos) undo()
  }
}
