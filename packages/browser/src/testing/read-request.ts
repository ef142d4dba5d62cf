/** A request of the client, as it came. */
export interface TestRequest {
  method: string
  /** Below the endpoint, for example `/api/events`. */
  path: string
  /** By lower-case name. */
  headers: Record<string, string>
  /** Parsed where it is JSON. */
  body: unknown
  /** False where the client sent no cookies. */
  hasCookies: boolean
  /** The page was being left: nobody waits for the answer. */
  isLeaving: boolean
}

function parse(text: string): unknown {
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** A body is a text or a blob; the blob of a simulated page is none of this platform, hence by what it can do. */
async function readBody(body: RequestInit['body']): Promise<string> {
  if (typeof body === 'string') return body
  return body && 'text' in body ? body.text() : new Response(body).text()
}

/** Reads what `fetch` was called with. */
export async function readRequest(
  input: Request | URL | string,
  init: RequestInit = {},
): Promise<TestRequest> {
  const given = typeof input === 'object' && 'url' in input ? input : undefined
  const address = given?.url ?? String(input)
  const headers = Object.fromEntries(new Headers(init.headers ?? given?.headers))
  const text = given && init.body === undefined ? await given.clone().text() : await readBody(init.body)
  return {
    method: init.method ?? given?.method ?? 'GET',
    path: address.replace(/^.*?(?=\/api\/)/, '').replace(/[?#].*$/, ''),
    headers,
    body: parse(text),
    hasCookies: (init.credentials ?? given?.credentials) === 'include',
    isLeaving: init.keepalive ?? given?.keepalive ?? false,
  }
}
