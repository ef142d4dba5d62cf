import type { Client } from './client-surface.ts'
import type { ClientOptions } from './options.ts'
import { createPageClient } from './page-client.ts'

/**
 * Recognises who comes back, keeps their session and tracks what they do.
 *
 * Never throws. In Node, in unsupported browsers and with a refused option the client does nothing and says so
 * by `supported: false`.
 *
 * @example
 * const client = createClient({ siteKey: 'pk_…', endpoint: 'https://hello.shop.example' })
 * client.onRecognized(async () => greet(await client.profile()))
 */
export function createClient(options: ClientOptions = {}): Client {
  return createPageClient(
    {
      debug: () => import('./debug-part.ts'),
      errors: () => import('./errors-part.ts'),
      probes: () => import('./probes-part.ts'),
      extras: () => import('./extras-part.ts'),
      session: () => import('./session-part.ts'),
      delivery: () => import('./delivery-part.ts'),
    },
    options,
  )
}
