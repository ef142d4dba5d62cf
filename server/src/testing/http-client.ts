import { type IncomingMessage, request } from 'node:http'
import { text as readText } from 'node:stream/consumers'

/** What a server answered. */
export interface Reply {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: an answer is judged by the assertions, not by a type.
  readonly body: any
}

export interface HttpClient {
  /** Name to value, as the server set them. */
  readonly jar: Map<string, string>
  /** GET without a body, else POST as JSON; a string is sent as it is. */
  send(path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>
}

function keepCookies(jar: Map<string, string>, lines: readonly string[]): void {
  for (const line of lines) {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
    if (/max-age=0/i.test(line)) jar.delete(name)
    else jar.set(name, value)
  }
}

interface Outgoing {
  readonly url: string
  readonly headers: Record<string, string>
  readonly text: string | undefined
}

function exchange({ url, headers, text }: Outgoing): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method: text === undefined ? 'GET' : 'POST', headers, agent: false })
    outgoing.on('response', resolve).on('error', reject).end(text)
  })
}

function toHeaders({ rawHeaders }: IncomingMessage): Headers {
  const headers = new Headers()
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    headers.append(rawHeaders[index] ?? '', rawHeaders[index + 1] ?? '')
  }
  return headers
}

const toText = (body: unknown) =>
  body === undefined || typeof body === 'string' ? body : JSON.stringify(body)

/**
 * Test support: a client with a cookie jar. It sends the headers it is given and no others: `fetch` in Node adds
 * `Sec-Fetch-Mode`, which a back end that is written with `node:http` would not.
 *
 * @param marks headers of every request, for example the `Origin` that makes it a browser's
 */
export function createHttpClient(url: string, marks: Record<string, string>): HttpClient {
  const jar = new Map<string, string>()
  return {
    jar,
    async send(path, body, headers = {}) {
      const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
      const text = toText(body)
      const response = await exchange({
        url: url + path,
        text,
        headers: {
          ...(cookie && { Cookie: cookie }),
          ...(text !== undefined && { 'Content-Type': 'application/json' }),
          ...marks,
          ...headers,
        },
      })
      keepCookies(jar, response.headers['set-cookie'] ?? [])
      const answer = await readText(response)
      return {
        status: response.statusCode ?? 0,
        headers: toHeaders(response),
        text: answer,
        body: answer && JSON.parse(answer),
      }
    },
  }
}
