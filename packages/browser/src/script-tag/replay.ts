import type { Client } from '../client-surface.ts'
import type { ClientOptions } from '../options.ts'

/** A call made before the script was there: method and arguments. */
export type StubCall = readonly [method: string, args: ArrayLike<unknown>]

/** What the page's stub leaves on the window. */
export interface Stub {
  q?: StubCall[]
  loaded?: boolean
}

/** The global `HelloAgain`: the client, and `init` to open it. */
export interface HelloAgainGlobal extends Omit<Client, 'close'> {
  /** Opens the client; a second call answers with the first one's, until it was closed. */
  init(options?: ClientOptions): Client
  close(): void
  readonly client: Client | undefined
  readonly loaded: true
  readonly version: string
  /** Calls waiting for `init`; `push` runs a call at once when the client is open. */
  readonly q: { push(call: StubCall): void }
}

const CLIENT_METHODS = [
  ...['ready', 'track', 'page', 'identify', 'profile', 'saveProgress', 'resume', 'prefill', 'onRecognized'],
  ...['getSessionHeaders', 'fingerprint', 'setAccessToken', 'getAccessToken', 'reset', 'optOut', 'optIn'],
  ...['setConsent', 'flush', 'stats', 'close'],
] as const

type AnyMethod = (...args: unknown[]) => unknown

/**
 * Makes the global out of the stub. Calls wait in their order until `init`, then they are replayed;
 * a call that fails does not stop the next.
 */
export function createGlobal(
  stub: Stub,
  { open, version }: { open(options: ClientOptions): Client; version: string },
): HelloAgainGlobal {
  let client: Client | undefined
  let waiting: StubCall[] = []

  function run(call: StubCall): unknown {
    const [method, args] = call
    const list = Array.from(args)
    if (method === 'init') return init(list[0] as ClientOptions | undefined)
    if (!client) {
      waiting.push(call)
      return undefined
    }
    const target: unknown = Reflect.get(client, method)
    const result = typeof target === 'function' ? (target as AnyMethod)(...list) : undefined
    if (method === 'close') client = undefined
    return result
  }

  function init(options: ClientOptions = {}): Client {
    if (client) return client
    client = open(options)
    const calls = waiting
    waiting = []
    for (const call of calls) run(call)
    return client
  }

  const methods = CLIENT_METHODS.map((name) => [name, (...args: unknown[]) => run([name, args])])
  const global = Object.defineProperties(Object.fromEntries(methods), {
    client: { get: () => client },
    supported: { get: () => client?.supported ?? false },
    sessionId: { get: () => client?.sessionId },
    consentMode: { get: () => client?.consentMode ?? 'cookieless' },
    headerPolicy: { get: () => client?.headerPolicy },
  }) as HelloAgainGlobal
  const early = stub.q ?? []
  const made = Object.assign(global, {
    init,
    loaded: true as const,
    version,
    q: { push: (call: StubCall) => void run(call) },
  })
  // `init` first in time or not, what was called before it waits for it.
  for (const call of early) run(call)
  return made
}
