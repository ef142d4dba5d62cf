import { type Called, createTestBrowser } from './test-browser.ts'

/** What a server answered. */
export interface Reply extends Omit<Called, 'headers'> {
  readonly headers: Headers
  readonly text: string
}

export interface HttpClient {
  /** Name to value, as the server set them. */
  readonly jar: Map<string, string>
  /** GET without a body, else POST as JSON; a string is sent as it is. */
  send(path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>
}

function toHeaders({ headers, setCookies }: Called): Headers {
  const all = new Headers()
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value === 'string') all.set(name, value)
  }
  for (const line of setCookies) all.append('set-cookie', line)
  return all
}

/**
 * Test support: a client with a cookie jar, for calls that are all alike.
 *
 * @param marks headers of every request, for example the `Origin` that makes it a browser's
 */
export function createHttpClient(url: string, marks: Record<string, string>): HttpClient {
  const browser = createTestBrowser({ url })
  return {
    jar: browser.cookies,
    async send(path, body, headers = {}) {
      const method = body === undefined ? 'GET' : 'POST'
      const called = await browser.call(method, path, { body, headers: { ...marks, ...headers } })
      const text = called.body === undefined ? '' : JSON.stringify(called.body)
      return { ...called, headers: toHeaders(called), text }
    },
  }
}
