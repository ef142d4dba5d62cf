import { findPolicy, type PolicySource } from './current-policy.ts'

export type { PolicySource } from './current-policy.ts'

/** What a hook receives: since ky 2 one object, before that the request first and the response third. */
type HookState = Request | { request: Request; response?: Response }

export interface KyHooks {
  beforeRequest: [(state: HookState) => void]
  afterResponse: [(state: HookState, options?: unknown, response?: Response) => void]
}

function requestOf(state: HookState): Request {
  return 'request' in state ? state.request : state
}

/**
 * Hooks that add our headers to the requests of a ky instance; the caller's own headers win.
 * Together with `interceptFetch` nothing is sent twice.
 *
 * @param source the client. @default the client created last
 * @example
 * const api = ky.extend({ hooks: kyHooks(client) })
 */
export function kyHooks(source?: PolicySource): KyHooks {
  return {
    beforeRequest: [
      (state) => {
        const policy = findPolicy(source)
        const { url, headers, mode } = requestOf(state)
        const ours = mode === 'no-cors' ? undefined : policy?.headersFor(url)
        try {
          if (ours) policy?.attach(new URL(url), ours, headers)
        } catch {
          // An id that is no header value: ky would take the throw for the app's own and fail the request.
        }
      },
    ],
    afterResponse: [
      (state, _options, third) => {
        const response = 'response' in state ? state.response : third
        if (!response) return
        findPolicy(source)?.answered({
          url: new URL(requestOf(state).url),
          finalUrl: response.url,
          readHeader: (name) => response.headers.get(name),
        })
      },
    ],
  }
}
