import { createPageClient } from '../page-client.ts'
import type { PageScope } from '../page-scope.ts'
import type { Parts } from '../world.ts'
import { readScriptOptions } from './attributes.ts'
import { type BakedPart, createPartLoader } from './load-part.ts'
import { createGlobal, type Stub } from './replay.ts'

/** Replaced by the build. */
declare const __PARTS__: Record<'extras' | 'session', BakedPart>
declare const __VERSION__: string

/** Entry of the script-tag build: puts `HelloAgain` on the window and starts it when the tag names a site key. */
function start(scope: PageScope & { HelloAgain?: Stub }): void {
  const stub = scope.HelloAgain ?? {}
  if (stub.loaded) return
  // In a web page only HTML is asked for scripts of ours; the one of an SVG has no `src`.
  const script = scope.document.currentScript as HTMLScriptElement | null
  const address = new URL(script?.src || scope.location.href)
  const load = createPartLoader({ scope, folder: new URL('./', address).href, nonce: script?.nonce })
  const part = (name: keyof typeof __PARTS__) => () => load(name, __PARTS__[name])
  // What the loader gives is what the build put into the part's file.
  const session = part('session') as () => Promise<typeof import('./session.ts')>
  const later = (name: 'debug' | 'delivery' | 'errors' | 'probes') => async () =>
    load(name, (await session()).LATER[name])
  const parts = {
    ...{ session, extras: part('extras') },
    ...{ delivery: later('delivery'), debug: later('debug') },
    ...{ probes: later('probes'), errors: later('errors') },
  } as Parts
  const data: DOMStringMap = script?.dataset ?? {}
  const global = createGlobal(stub, {
    version: __VERSION__,
    open: (options) => createPageClient(parts, { ...readScriptOptions(data, address.origin), ...options }),
  })
  Object.assign(scope, { HelloAgain: global })
  if ('siteKey' in data) global.init()
}

try {
  start(globalThis as PageScope)
} catch {
  // Where there is no page (a worker, a server) there is nothing to do, and nobody to tell.
}
