import type { ConsentReport } from '@helloagain/protocol'
import { quietly } from '../platform/quietly.ts'
import type { ServerCall } from './fetch-transport.ts'
import type { CallResult, Transport } from './transport.ts'

/** How the core reaches the server. */
export interface Network {
  /** Calls the server by the part that opens sessions; a call for want of that part counts as unanswered. */
  transport: Transport
  /** Posts at once, whatever parts are there. How that ends is not told, and it never rejects. */
  post(path: string, init: RequestInit): Promise<unknown>
  /** Tells what the person decided, at once: the id it is told for is forgotten next. */
  tellRefusal(consent: ConsentReport): Promise<unknown>
}

export interface NetworkOptions extends Pick<ServerCall, 'fetch' | 'onServerFingerprint'> {
  endpoint: string
  /** Read at each call, so that a call carries the identity of its moment, or that of an earlier session. */
  callHeaders(sessionId?: string): Record<string, string>
  /** Whether cookies may travel. */
  hasCookies(): boolean
  loadCaller(): Promise<{ callServer(call: ServerCall): Promise<CallResult> }>
}

/** What calls the server at once, and what leaves that to the part that opens sessions. */
export function createNetwork(options: NetworkOptions): Network {
  const { fetch, endpoint, callHeaders, onServerFingerprint } = options
  const credentials = (): RequestCredentials => (options.hasCookies() ? 'include' : 'omit')
  const post: Network['post'] = async (path, init) =>
    quietly(() =>
      fetch
        .call(globalThis, endpoint + path, { method: 'POST', credentials: credentials(), ...init })
        .catch(() => {}),
    )
  return {
    post,
    tellRefusal: (consent) =>
      post('/api/sessions', { headers: callHeaders(), body: JSON.stringify({ consent }) }),
    transport({ method, path, body, sessionId, headers }) {
      // Read before the part is there: the person may be another by then.
      const init = {
        ...{ method, headers: callHeaders(sessionId), credentials: credentials() },
        // Nothing at all for a call without a body.
        body: JSON.stringify(body),
      }
      return options.loadCaller().then(
        ({ callServer }) => callServer({ fetch, url: endpoint + path, init, headers, onServerFingerprint }),
        () => ({ isOk: false, status: 0 }),
      )
    },
  }
}
