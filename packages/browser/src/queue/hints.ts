import type { PageScope } from '../page-scope.ts'
import { quietly } from '../platform/quietly.ts'
import { isUuid } from '../platform/uuid-v7.ts'

/** What a tab tells the others about the queue they share. */
export interface Hint {
  /** Ids of events the server has answered for. */
  settled: string[]
  /** Events that wait in IndexedDB now. */
  stored: number
}

/** Hints between tabs. Where there is no BroadcastChannel, what is left are the `storage` events of removed keys. */
export interface Hints {
  open(): void
  tell(hint: Hint): void
  /** Falls silent: a page with an open channel may be kept out of the back-forward cache, or thrown out of it. */
  close(): void
}

/** Whatever else is said on the channel is no hint. */
function isHint(data: unknown): data is Hint {
  const { settled, stored } = (data ?? {}) as Partial<Record<keyof Hint, unknown>>
  return Array.isArray(settled) && settled.every(isUuid) && typeof stored === 'number' && stored >= 0
}

/** @param onHint must not throw */
export function createHints(scope: PageScope, name: string, onHint: (hint: Hint) => void): Hints {
  let channel: BroadcastChannel | undefined
  return {
    open() {
      // Quietly: opaque origins have the API and refuse it.
      channel ??= quietly(() => new scope.BroadcastChannel(name))
      if (!channel) return
      channel.onmessage = ({ data }: MessageEvent<unknown>) => {
        if (isHint(data)) onHint(data)
      }
    },
    tell(hint) {
      // Quietly: a channel the browser has closed throws, and a hint that is not heard costs a look.
      quietly(() => channel?.postMessage(hint))
    },
    close() {
      channel?.close()
      channel = undefined
    },
  }
}
