import { type Persistence, readJson } from '../persistence/persistence.ts'
import { isUuid } from '../platform/uuid-v7.ts'

/** Who this browser is for this site. Lives in memory until it may be kept. */
export interface Identity {
  sessionId(): string
  deviceId(): string
  /** The next number of the session's events; where the identity is kept, of those of all tabs. */
  takeSeq(): number
  /** Reads the kept identity. @returns false where there is none or it has expired */
  load(): boolean
  /** Keeps the identity from now on and starts its days anew. */
  keep(): void
  /** Takes the id the server answered with. */
  adopt(sessionId: string): void
  /** Follows another tab: reads id and device id again. */
  follow(): void
  /** Erases what is kept; with `renew` the next ids are new ones. */
  forget(renew: boolean): void
}

export interface IdentityOptions {
  store: Persistence
  /** Key of the session id; `<key>_seq` holds the next event's number, `<key>_state` the rest. */
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
}

export function createIdentity(options: IdentityOptions): Identity {
  const { store, key, lifetimeMs, rolling, nowMs, newId } = options
  const stateKey = `${key}_state`
  const seqKey = `${key}_seq`
  let sessionId = newId()
  let deviceId = newId()
  let seq = 0
  let expiresAtMs = 0
  let isKept = false

  const save = (): void => {
    if (!isKept) return
    store.set(key, sessionId)
    store.set(stateKey, JSON.stringify({ deviceId, expiresAtMs } satisfies State))
  }

  const read = (): boolean => {
    const keptId = store.get(key)
    const state = readJson<State>(store, stateKey) ?? {}
    const { expiresAtMs: until = 0 } = state
    const leftMs = until - nowMs()
    // More than a life ahead: the clock was wrong when it was written.
    if (!isUuid(keptId) || !(leftMs > 0 && leftMs <= lifetimeMs)) return false
    sessionId = keptId
    if (typeof state.deviceId === 'string') deviceId = state.deviceId
    expiresAtMs = until
    isKept = true
    return true
  }

  /** Goes on where the other tabs are. */
  const followSeq = (): void => {
    seq = Math.max(seq, Number(store.get(seqKey)) || 0)
  }

  /** Starts the days anew where use does so, or where they are over. */
  const keep = (): void => {
    if (rolling || expiresAtMs <= nowMs()) expiresAtMs = nowMs() + lifetimeMs
    isKept = true
    followSeq()
    store.set(seqKey, `${seq}`)
    save()
  }

  return {
    sessionId: () => sessionId,
    deviceId: () => deviceId,
    takeSeq() {
      if (!isKept) return seq++
      followSeq()
      store.set(seqKey, `${seq + 1}`)
      return seq++
    },
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
    forget(renew) {
      isKept = false
      expiresAtMs = 0
      store.remove(key)
      store.remove(stateKey)
      store.remove(seqKey)
      if (!renew) return
      sessionId = newId()
      deviceId = newId()
      seq = 0
    },
  }
}
