import { FINGERPRINT_HEADER, SESSION_HEADER } from '@helloagain/protocol'
import { type Callable, installLayer, type Layer } from './layer.ts'
import type { HeaderPolicy } from './policy-port.ts'
import { baseUrlOf, resolveUrl, type Scope } from './resolve-url.ts'
import type { Uninstall } from './uninstall.ts'

interface OpenedRequest {
  isIdempotent: boolean
  url: URL | undefined
  /** What is set, by lower-case name. */
  headers: Map<string, string>
  /** Told how the request ends. */
  observers: HeaderPolicy[]
}

/** Requests between `open` and their end, shared by all layers. */
const opened = /* @__PURE__ */ new WeakMap<object, OpenedRequest>()

export interface XhrScope extends Scope {
  XMLHttpRequest?: { readonly prototype: XMLHttpRequest }
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

function watch(xhr: XMLHttpRequest): void {
  const report = (tell: (policy: HeaderPolicy, request: OpenedRequest & { url: URL }) => void) => () => {
    const request = opened.get(xhr)
    const { url } = request ?? {}
    if (request && url) for (const policy of request.observers.splice(0)) tell(policy, { ...request, url })
  }
  const readHeader = (name: string) => readAnswerHeader(xhr, name)
  xhr.addEventListener(
    'load',
    report((policy, { url }) => policy.answered({ url, finalUrl: xhr.responseURL, readHeader })),
  )
  xhr.addEventListener(
    'error',
    report((policy, { url, isIdempotent, headers }) => {
      // An XHR cannot be sent again behind the app's back; the policy lets the next one to this path go bare.
      const carriedOurs = [SESSION_HEADER, FINGERPRINT_HEADER].some((name) => headers.has(name.toLowerCase()))
      if (isIdempotent) policy.failed(url, carriedOurs)
    }),
  )
}

function prepare(policy: HeaderPolicy, xhr: XMLHttpRequest): void {
  const request = opened.get(xhr)
  // 1 is OPENED: in any other state the native `send` throws, and it must be the one that does.
  if (!request?.url || xhr.readyState !== 1) return
  const ours = policy.headersFor(request.url)
  if (!ours) return
  request.observers.push(policy)
  policy.attach(request.url, ours, {
    get: (name) => request.headers.get(name.toLowerCase()) ?? null,
    // Through the page's own chain, so that other wrappers see it; ours notes it in `headers`.
    set: (name, value) => xhr.setRequestHeader(name, value),
  })
}

function wrapOpen(layer: Layer<HeaderPolicy>, scope: Scope): Callable {
  return {
    open(this: unknown, ...args: unknown[]) {
      // The very same arguments, and as many: a third one, even undefined, would make the request synchronous.
      const result = Reflect.apply(layer.original, this, args)
      try {
        const xhr = this as XMLHttpRequest
        // At open, before the app adds its handlers: one that sends the next request must find this one settled.
        if (!opened.has(xhr)) watch(xhr)
        opened.set(xhr, {
          isIdempotent: /^(GET|HEAD)$/i.test(`${args[0]}`),
          url: resolveUrl(`${args[1]}`, baseUrlOf(scope)),
          headers: new Map(),
          observers: [],
        })
      } catch {
        opened.delete(this as object)
      }
      return result
    },
  }.open
}

function wrapSetRequestHeader(layer: Layer<HeaderPolicy>): Callable {
  return {
    setRequestHeader(this: unknown, ...args: unknown[]) {
      const result = Reflect.apply(layer.original, this, args)
      opened.get(this as object)?.headers.set(`${args[0]}`.toLowerCase(), `${args[1]}`)
      return result
    },
  }.setRequestHeader
}

function wrapSend(layer: Layer<HeaderPolicy>): Callable {
  return {
    send(this: unknown, ...args: unknown[]) {
      try {
        if (layer.user) prepare(layer.user, this as XMLHttpRequest)
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
    installLayer(prototype, 'open', { user: policy, wrap: (layer) => wrapOpen(layer, scope) }),
    installLayer(prototype, 'setRequestHeader', { user: policy, wrap: wrapSetRequestHeader }),
    installLayer(prototype, 'send', { user: policy, wrap: wrapSend }),
  ]
  return () => {
    for (const undo of undos) undo()
  }
}
