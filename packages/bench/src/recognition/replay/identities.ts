import type { Seen } from './parse-visit.ts'

type Evidence = Seen['evidence']

/** A visitor that came with something it was given before. */
export interface Identified {
  readonly visitorId: string
  readonly method: 'cookie' | 'device_id' | 'device_key'
}

/** Who holds which key, cookie and device id, as far as the recording has told. */
export interface Identities {
  /**
   * By the strongest evidence that is known: key, then cookie, then a device id that only one visitor has brought. What
   * nobody has been seen with says nothing: a first visit may carry the cookie and key it was just given.
   */
  find(evidence: Evidence): Identified | undefined
  /** What was unknown is this visitor's from now on; what was somebody's stays theirs. */
  keep(evidence: Evidence, visitorId: string): void
}

export function createIdentities(): Identities {
  const keys = new Map<string, string>()
  const cookies = new Map<string, string>()
  const devices = new Map<string, Set<string>>()
  const lookUp = (held: ReadonlyMap<string, string>, value: string | undefined) =>
    value === undefined ? undefined : held.get(value)

  function onlyHolder(deviceId: string | undefined): string | undefined {
    const holders = deviceId === undefined ? undefined : devices.get(deviceId)
    return holders?.size === 1 ? [...holders][0] : undefined
  }

  return {
    find({ deviceKey, cookie, deviceId }) {
      const byKey = lookUp(keys, deviceKey)
      if (byKey !== undefined) return { visitorId: byKey, method: 'device_key' }
      const byCookie = lookUp(cookies, cookie)
      if (byCookie !== undefined) return { visitorId: byCookie, method: 'cookie' }
      const byDevice = onlyHolder(deviceId)
      return byDevice === undefined ? undefined : { visitorId: byDevice, method: 'device_id' }
    },
    keep({ deviceKey, cookie, deviceId }, visitorId) {
      if (deviceKey !== undefined && !keys.has(deviceKey)) keys.set(deviceKey, visitorId)
      if (cookie !== undefined && !cookies.has(cookie)) cookies.set(cookie, visitorId)
      if (deviceId !== undefined) devices.set(deviceId, (devices.get(deviceId) ?? new Set()).add(visitorId))
    },
  }
}
