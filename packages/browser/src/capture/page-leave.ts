import type { Uninstall } from '../interceptors/uninstall.ts'
import { listen } from '../platform/listen.ts'

type LeaveScope = Pick<Window, 'addEventListener' | 'removeEventListener'> & { document: Document }

/**
 * Tells when the page may never run again: it is hidden, or unloaded. Phones kill hidden pages without a word,
 * so `hidden` is the last moment to count on; `pagehide` covers Safari, which may skip it on navigation.
 *
 * @see https://developer.chrome.com/docs/web-platform/page-lifecycle-api (2025-11)
 * @returns the undo of each listener
 */
export function installPageLeave(scope: LeaveScope, onLeave: () => void, onReturn: () => void): Uninstall[] {
  const { document } = scope
  const changed = (): void => (document.visibilityState === 'hidden' ? onLeave() : onReturn())
  return [
    listen(document, 'visibilitychange', changed),
    listen(scope, 'pagehide', onLeave),
    listen(scope, 'pageshow', onReturn),
  ]
}
