type IdleScope = Pick<Window, 'setTimeout'> & Partial<Pick<Window, 'requestIdleCallback'>>

/**
 * Runs work when the page has nothing better to do, after `timeoutMs` at the latest.
 * Safari has no `requestIdleCallback` (2026-11); there the work runs after a short pause.
 */
export function whenIdle(scope: IdleScope, work: () => void, timeoutMs = 2000): void {
  if (scope.requestIdleCallback) scope.requestIdleCallback(work, { timeout: timeoutMs })
  else scope.setTimeout(work, 50)
}
