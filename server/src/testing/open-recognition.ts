import type { ServerKeys } from '../platform/crypto/server-keys.ts'
import type { Storage } from '../platform/storage/storage.ts'
import { createBotStore } from '../recognition/bot-rows.ts'
import { createBotWatch } from '../recognition/bot-watch.ts'
import { createRecogniser } from '../recognition/recogniser.ts'
import { createRecogniserStore } from '../recognition/recogniser-store.ts'
import { createRecognition } from '../recognition/service.ts'
import { createRecognitionStore } from '../recognition/store.ts'
import type { Tables } from '../tables.ts'

/** Test support: the recognition room over a database, as the server puts it together. */
export function openRecognition(
  storage: Storage<Tables>,
  parts: { readonly keys: ServerKeys; readonly nowMs: () => number },
) {
  const store = createRecognitionStore(storage)
  const profiles = createRecogniserStore(storage)
  const { knownAs } = store
  const recogniser = createRecogniser({ ...parts, knownAs, store: profiles, ttlMs: 30 * 86_400_000 })
  const bots = createBotWatch({ store: { ...store, ...createBotStore(storage) }, profiles })
  const recognition = createRecognition({ ...parts, store, profiles, bots, recogniser })
  return { store, profiles, recogniser, recognition }
}
