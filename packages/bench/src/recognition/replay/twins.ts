import type { Visit } from './parse-visit.ts'

const DAY_MS = 86_400_000
/** As long as the server remembers: of a twin last seen before, it cannot know. */
const REMEMBERED_MS = 30 * DAY_MS

/**
 * Tells of a visit, before it is counted, whether another browser that looked exactly like this one was here of late.
 * Nothing in the signals can say then which of them it is.
 */
export function createTwinWatch(): (visit: Visit) => boolean {
  const lastSeen = new Map<string, Map<string, number>>()
  return ({ browser = '', seen }) => {
    const looks = JSON.stringify(seen.signals)
    const holders = lastSeen.get(looks) ?? new Map<string, number>()
    lastSeen.set(looks, holders)
    for (const [holder, atMs] of holders) if (seen.atMs - atMs > REMEMBERED_MS) holders.delete(holder)
    const hasTwin = [...holders.keys()].some((holder) => holder !== browser)
    holders.set(browser, seen.atMs)
    return hasTwin
  }
}
