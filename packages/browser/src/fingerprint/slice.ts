interface SliceScope {
  requestIdleCallback?: Window['requestIdleCallback']
  setTimeout(work: () => void, delayMs: number): unknown
  /** @see https://wicg.github.io/scheduling-apis/ */
  scheduler?: { yield?(): Promise<void> }
}

/**
 * A wait for the next moment in which the page has nothing better to do, `patienceMs` at most: on a page that is
 * never idle the probes still come forward, one a turn. Safari has no `requestIdleCallback` (2026-11); there, and
 * where `scheduler.yield` is missing too, it is the next turn of the loop.
 */
export function createSlices(scope: SliceScope, patienceMs: number): () => Promise<void> {
  return () => {
    const { requestIdleCallback, scheduler } = scope
    if (requestIdleCallback) {
      return new Promise((resolve) => {
        requestIdleCallback.call(scope as Window, () => resolve(), { timeout: patienceMs })
      })
    }
    if (scheduler?.yield) return scheduler.yield()
    return new Promise((resolve) => {
      scope.setTimeout(resolve, 0)
    })
  }
}
