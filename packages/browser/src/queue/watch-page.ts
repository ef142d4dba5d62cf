import type { Guard } from '../guard.ts'
import type { PageScope } from '../page-scope.ts'
import { listen } from '../platform/listen.ts'

export interface PageWatcher {
  /** The page cannot be seen any more. */
  onHidden(): void
  /** The page is unloaded, or goes into the back-forward cache. */
  onPageHide(): void
  /** The page is seen again, or the network is back. */
  onBack(): void
  /** Another tab wrote or removed a key of localStorage. */
  onStored(key: string, isRemoved: boolean): void
}

/** Listens for what makes another try worth while. @returns the undo */
export function watchPage(scope: PageScope, guard: Guard, watcher: PageWatcher): () => void {
  const { document } = scope
  const onChange = guard.wrap(() =>
    document.visibilityState === 'hidden' ? watcher.onHidden() : watcher.onBack(),
  )
  const onBack = guard.wrap(watcher.onBack)
  const undos = [
    listen(document, 'visibilitychange', onChange),
    listen(scope, 'online', onBack),
    listen(
      scope,
      'pageshow',
      guard.wrap(({ persisted }: PageTransitionEvent) => (persisted ? watcher.onBack() : undefined)),
    ),
    listen(scope, 'pagehide', guard.wrap(watcher.onPageHide)),
    listen(
      scope,
      'storage',
      guard.wrap(({ key, newValue }: StorageEvent) => {
        if (key !== null) watcher.onStored(key, newValue === null)
      }),
    ),
  ]
  return () => {
    for (const undo of undos) undo()
  }
}
