import type { Client } from '../client-surface.ts'
import type { ClientOptions } from '../options.ts'

/** A call made before the client was there: method and arguments. */
export type StubCall = readonly [method: string, args: ArrayLike<unknown>]

/** What the page's stub leaves on the window. */
export interface Stub {
  q?: { push(call: StubCall): unknown }
  loaded?: boolean
}

/**
 * The global `HelloAgain`: every member of the client once `init` was called.
 *
 * The stub, put before the script tag, keeps the calls that come earlier:
 *
 * ```html
 * <script>
 * window.HelloAgain=window.HelloAgain||{q:[]};
 * 'init track page captureErrors identify saveProgress prefill onRecognized setAccessToken reset optOut optIn setConsent flush'
 *   .split(' ').forEach(function(m){HelloAgain[m]=HelloAgain[m]||function(){HelloAgain.q.push([m,arguments])}});
 * </script>
 * ```
 *
 * A kept call answers nothing; what answers a promise is for `init().…` and for `onRecognized`.
 */
export interface HelloAgainGlobal extends Partial<Client>, Stub {
  /** Opens the client; a second call answers with the same one. */
  init(options?: ClientOptions): Client
  readonly loaded: true
  readonly version: string
}

/** Makes the global out of the stub. Kept calls are replayed in their order by `init`, then calls go through at once. */
export function createGlobal(
  stub: Stub,
  { open, version }: { open(options: ClientOptions): Client; version: string },
): HelloAgainGlobal {
  const kept = Array.isArray(stub.q) ? (stub.q as StubCall[]) : []
  let client: Client | undefined
  const run = ([name, args]: StubCall): unknown => {
    const method: unknown = name === 'init' ? undefined : Reflect.get(global, name)
    return typeof method === 'function' && method.apply(global, args)
  }
  const init = (options: ClientOptions = {}): Client => {
    if (client) return client
    client = open(options)
    Object.defineProperties(global, Object.getOwnPropertyDescriptors(client))
    global.q = { push: run }
    kept.forEach(run)
    return client
  }
  const global: HelloAgainGlobal = Object.assign(stub, { init, loaded: true as const, version })
  const early = kept.find(([name]) => name === 'init')
  if (early) init(early[1][0] as ClientOptions | undefined)
  return global
}
