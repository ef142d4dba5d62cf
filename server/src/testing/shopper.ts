import type { StartedServer } from './start-server.ts'

/** As much as a desktop browser shows; document 000 uses a fingerprint from a confidence of 60 on. */
export const RICH_BROWSER = {
  userAgent:
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36',
  platform: 'Linux x86_64',
  screenResolution: [2560, 1440],
  timezone: 'Europe/Berlin',
  languages: ['de-DE', 'de', 'en'],
  hardwareConcurrency: 12,
  deviceMemory: 8,
  canvas: '0f3a9c1be2d44f5a8b7c6d5e4f3a2b1c',
  gpuRenderer: 'ANGLE (Intel, Mesa Intel(R) Iris(R) Xe Graphics, OpenGL 4.6)',
  fonts: ['DejaVu Sans', 'Liberation Mono', 'Noto Serif', 'Ubuntu'],
  audio: 124.04347527516074,
}

export interface Reply {
  readonly status: number
  /** The session cookie, as the browser would send it back. */
  readonly cookie: string | undefined
  // biome-ignore lint/suspicious/noExplicitAny: whatever was answered; each test says what it expects.
  readonly body: any
}

export interface Shopper {
  call(
    method: string,
    path: string,
    options?: { body?: unknown; headers?: Record<string, string> },
  ): Promise<Reply>
  anonymous(body: unknown, headers?: Record<string, string>): Promise<Reply>
}

export const bearer = (token: string) => ({ headers: { Authorization: `Bearer ${token}` } })

/** Test support: somebody who calls the server over HTTP and keeps no state. */
export function createShopper(server: () => Pick<StartedServer, 'url'>): Shopper {
  const call: Shopper['call'] = async (method, path, { body, headers = {} } = {}) => {
    const response = await fetch(server().url + path, {
      method,
      // Node's own name is that of a program.
      headers: { 'Content-Type': 'application/json', 'User-Agent': RICH_BROWSER.userAgent, ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    const cookie = response.headers
      .getSetCookie()
      .find((line) => line.startsWith('ha_session='))
      ?.split(';', 1)[0]
    return { status: response.status, cookie, body: text && JSON.parse(text) }
  }
  return { call, anonymous: (body, headers = {}) => call('POST', '/api/auth/anonymous', { body, headers }) }
}
