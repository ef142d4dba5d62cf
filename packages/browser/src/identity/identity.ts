import { type Persistence, readJson } from '../persistence/persistence.ts'
import { isUuid } from '../platform/uuid-v7.ts'

/** Who this browser is for this site. Lives in memory until it may be kept. */
export interface Identity {
  sessionId(): string
  deviceId(): string
  /** The next number of the session's events. */
  takeSeq(): number
  /** Reads the kept identity. @returns false where there is none or it has expired */
  load(): boolean
  /** Keeps the identity from now on and starts its days anew. */
  keep(): void
  /** Takes the id the server answered with. */
  adopt(sessionId: string): void
  /** Follows another tab: reads id and device id again. */
  follow(): void
  /** Writes what changed since the last time, where the identity is kept. */
  save(): void
  /** Erases what is kept; with `renew` the next ids are new ones. */
  forget(renew: boolean): void
}

export interface IdentityOptions {
  store: Persistence
  /** Key of the session id; `<key>_state` holds the rest. */
  key: string
  /** Milliseconds the identity lives. */
  lifetimeMs: number
  /** Whether use prolongs the life. */
  rolling: boolean
  nowMs(): number
  newId(): string
}

interface State {
  deviceId: string
  expiresAtMs: number
  seq: number
}

export function createIdentity(options: IdentityOptions): Identity {
  const { store, key, lifetimeMs, rolling, nowMs, newId } = options
  const stateKey = `${key}_state`
  let sessionId = newId()
  let deviceId = newId()
  let seq = 0
  let expiresAtMs = 0
  let isKept = false

  const save = (): void => {
    if (!isKept) return
    store.set(key, sessionId)
    store.set(stateKey, JSON.stringify({ deviceId, expiresAtMs, seq } satisfies State))
  }

  const read = (): boolean => {
    const keptId = store.get(key)
    const state = readJson<State>(store, stateKey) ?? {}
    const { expiresAtMs: until = 0, seq: keptSeq = 0 } = state
    const leftMs = until - nowMs()
    // More than a life ahead: the clock was wrong when it was written.
    if (!isUuid(keptId) || !(leftMs > 0 && leftMs <= lifetimeMs)) return false
    if (keptId !== sessionId || keptSeq > seq) seq = keptSeq
    sessionId = keptId
    if (typeof state.deviceId === 'string') deviceId = state.deviceId
    expiresAtMs = until
    isKept = true
    return true
  }

  /** Starts the days anew where use does so, or where they are over. */
  const keep = (): void => {
    if (rolling || expiresAtMs <= nowMs()) expiresAtMs = nowMs() + lifetimeMs
    isKept = true
    save()
  }

  return {
    sessionId: () => sessionId,
    deviceId: () => deviceId,
    takeSeq: () => seq++,
    load() {
      const isFound = read()
      if (isFound) keep()
      return isFound
    },
    keep,
    adopt(id) {
      if (isUuid(id)) sessionId = id
      save()
    },
    follow: read,
    save,
    forget(renew) {
      isKept = false
      expiresAtMs = 0
      store.remove(key)
      store.remove(stateKey)
      if (!renew) return
      sessionId = newId()
      deviceId = newId()
      seq = 0
    },
  }
}
