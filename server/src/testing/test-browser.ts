import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http'
import type { StartedServer } from './start-server.ts'

export interface CallOptions {
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export interface Called {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever field it is about.
  readonly body: any
  readonly headers: IncomingHttpHeaders
  readonly setCookies: readonly string[]
}

/** Test support: calls a server and keeps cookies, as one browser profile does. */
export interface TestBrowser {
  readonly cookies: Map<string, string>
  call(method: string, path: string, options?: CallOptions): Promise<Called>
}

function keepCookies(cookies: Map<string, string>, lines: readonly string[]): void {
  for (const line of lines) {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
    if (/max-age=0/i.test(line)) cookies.delete(name)
    else cookies.set(name, value)
  }
}

function send(url: string, method: string, { headers, text }: { headers: object; text: string | undefined }) {
  return new Promise<{ response: IncomingMessage; text: string }>((resolve, reject) => {
    // node:http and not fetch: fetch adds Sec-Fetch-* and so passes for a browser where a back end is meant.
    const call = request(url, { method, headers: { ...headers } }, async (response) => {
      const chunks: Buffer[] = []
      for await (const chunk of response) chunks.push(chunk)
      resolve({ response, text: Buffer.concat(chunks).toString() })
    })
    call.on('error', reject).end(text)
  })
}

export function createTestBrowser({ url }: Pick<StartedServer, 'url'>): TestBrowser {
  const cookies = new Map<string, string>()
  return {
    cookies,
    async call(method, path, { body, headers = {} } = {}) {
      const jar = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
      const sent = {
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        ...(jar && { Cookie: jar }),
        ...headers,
      }
      const json = typeof body === 'string' || body === undefined ? body : JSON.stringify(body)
      const { response, text } = await send(url + path, method, { headers: sent, text: json })
      const setCookies = response.headers['set-cookie'] ?? []
      keepCookies(cookies, setCookies)
      return {
        status: response.statusCode ?? 0,
        body: text === '' ? undefined : JSON.parse(text),
        headers: response.headers,
        setCookies,
      }
    },
  }
}
