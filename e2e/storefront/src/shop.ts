import { type Client, createClient } from '@helloagain/browser'

const meta = (name: string) => document.querySelector<HTMLMetaElement>(`meta[name="${name}"]`)?.content ?? ''

/** Where the Hello Again server is; the shop's server writes it into the page. */
const endpoint = meta('helloagain-endpoint')

/** Opens Hello Again by the npm package, as every page but the landing page does. */
export function openShop(): Client {
  const client = createClient({
    siteKey: meta('helloagain-site-key'),
    endpoint,
    tokenOrigins: [endpoint],
  })
  element('#remember').addEventListener('click', () => void client.optIn({ wording: 'footer-1' }))
  element('#forget').addEventListener('click', () => void client.optOut({ wording: 'footer-1' }))
  return client
}

/** The one element a selector means; the shop's pages are written together with their scripts. */
export function element<T extends HTMLElement = HTMLElement>(selector: string): T {
  const found = document.querySelector<T>(selector)
  if (!found) throw new Error(`The page has no ${selector}.`)
  return found
}

interface Failure {
  error: { message: string; issues?: { message: string }[] }
}

/** Calls the API by the page's own fetch: the interceptor adds the session, the browser the cookie. */
export async function call<T>(path: string, body: unknown, method = 'POST'): Promise<T> {
  const response = await fetch(`${endpoint}${path}`, {
    method,
    credentials: 'include',
    headers: { 'Content-Type': 'application/json', 'X-Site-Key': meta('helloagain-site-key') },
    body: JSON.stringify(body),
  })
  const answer = response.status === 204 ? {} : ((await response.json()) as unknown)
  if (response.ok) return answer as T
  throw new Error((answer as Failure).error.message)
}
