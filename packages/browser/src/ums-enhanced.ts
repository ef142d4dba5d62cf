import { createUmsEnhanced, type UmsOptions } from './ums/anonymous-auth.ts'

/** Entry of `/lib/ums-enhanced-fingerprint.js` (document 000): puts `UMSEnhanced` on the window and does no more. */
function start(page: Window & typeof globalThis): void {
  // Known only while the script runs.
  const script = page.document.currentScript
  const tag = script instanceof page.HTMLScriptElement ? script : undefined
  const { siteKey, endpoint, consent, storageKey } = { ...tag?.dataset } as Pick<
    UmsOptions,
    'consent' | 'endpoint' | 'siteKey' | 'storageKey'
  >
  const defaults: UmsOptions = {
    endpoint: endpoint ?? new URL(tag?.src || page.location.href).origin,
    ...(siteKey && { siteKey }),
    ...(consent && { consent }),
    ...(storageKey && { storageKey }),
  }
  Object.assign(page, { UMSEnhanced: createUmsEnhanced(page, defaults) })
}

if (typeof window !== 'undefined') start(window)
