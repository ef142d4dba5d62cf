import { quietly } from '../platform/quietly.ts'
import { type Callable, installLayer, type Layer } from './layer.ts'
import { type PlannedRequest, planRequest } from './plan-request.ts'
import type { HeaderPolicy } from './policy-port.ts'
import type { Scope } from './resolve-url.ts'
import type { Uninstall } from './uninstall.ts'

interface Call {
  policy: HeaderPolicy
  planned: PlannedRequest
  send: (args: readonly unknown[]) => unknown
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof (value as Promise<unknown> | null | undefined)?.then === 'function'
}

/**
 * Sends, and looks at the outcome on the way to the app.
 *
 * The app gets a promise that settles with the very Response or error of the original one, a microtask later. Returning the
 * original and observing it on the side would be nearer to the letter, but a promise somebody observes counts as handled:
 * a fetch the app forgot to catch would then never reach `unhandledrejection`, and its error monitor would go blind. The
 * outcome differs from the native one in a single case: a GET or HEAD that failed with our headers and succeeds without.
 */
function sendAndObserve({ policy, planned, send }: Call): unknown {
  const { url, args, carried } = planned
  /** Tells the policy by address and headers alone: the body is never read, cloned or replaced. */
  const observed = (isBareRetry: boolean) => (answer: unknown) => {
    // Quietly, because a mock may have no headers; the app gets what it returned.
    quietly(() => {
      const { url: finalUrl, headers } = answer as Response
      policy.answered({ url, finalUrl, readHeader: (name) => headers.get(name), isBareRetry })
    })
    return answer
  }
  const sent = send(args)
  if (!isPromise(sent)) return sent
  return sent.then(observed(false), (error: unknown) => {
    // Network failures are TypeErrors; an abort or a timeout is the app's own wish.
    if (!carried || (error as Error | undefined)?.name !== 'TypeError') throw error
    const again = policy.mend({ carried, send, error })
    return isPromise(again) ? again.then(observed(true)) : again
  })
}

function wrapFetch(layer: Layer<HeaderPolicy>, scope: Scope): Callable {
  // A method, because it is no constructor and has no `prototype`, like the native one.
  return {
    fetch(this: unknown, ...args: unknown[]) {
      const send = (sent: readonly unknown[]) => Reflect.apply(layer.original, this, sent)
      const policy = layer.user
      const planned = policy && planRequest(policy, scope, args)
      return planned ? sendAndObserve({ policy, planned, send }) : send(args)
    },
  }.fetch
}

/**
 * Adds the policy's headers to every `fetch` it covers. The caller's own headers win; requests that are not covered are
 * passed on with the very same arguments.
 *
 * @param scope the global to patch: `window`, a worker's `self`, or a same-origin frame's `contentWindow`.
 */
export function interceptFetch(policy: HeaderPolicy, scope: Scope = globalThis): Uninstall {
  return installLayer(scope, 'fetch', { user: policy, wrap: (layer) => wrapFetch(layer, scope) })
}
