import { quietly } from '../platform/quietly.ts'
import type { QueueCore } from './queue-port.ts'
import type { HeldEvent } from './waiting-event.ts'

// Browsers allow 64 KiB of such bodies at a time, shared with the page; room is left for the envelope.
const PIECE_SIZE = 59_000
const MOST_BYTES = 64_000
const PATH = '/api/events'

/**
 * Hands what this page tracked to the browser, to be sent even if the page goes away; nothing is forgotten for that.
 *
 * `text/plain` keeps the request CORS-simple: a preflight cannot finish while the page is torn down
 * (posthog-js #4139). `sendBeacon` says at once when its quota is used up: then smaller pieces are tried, and at last,
 * as where blockers took it away, `fetch` with `keepalive`. A beacon always carries cookies; where none may travel,
 * and where the option `fetch` stands for the network, there is none.
 */
export function handOver({ held, settings, parts, world, batchOf }: QueueCore): void {
  const { siteKey, endpoint } = settings
  const { navigator } = world.scope
  let isBeacon = parts.hasCookies() && !settings.fetch
  let most = PIECE_SIZE
  let rest = [...held.values()].filter(({ isHanded }) => !isHanded)

  function send(piece: HeldEvent[]): boolean {
    const events = piece.map(({ event }) => event)
    const sessionId = piece[0]?.sessionId
    const text = JSON.stringify({ ...(siteKey && { siteKey }), sessionId, ...batchOf(events) })
    const body = new Blob([text], { type: 'text/plain;charset=UTF-8' })
    // Letters are up to three bytes.
    if (body.size > MOST_BYTES && piece[1]) return false
    // Quietly, because some blockers replace it by a function that throws.
    const isTaken = isBeacon ? quietly(() => navigator.sendBeacon(endpoint + PATH, body)) : undefined
    if (isTaken !== undefined) return isTaken
    // Whether it arrived is not waited for: what is not confirmed is sent again.
    void parts.post(PATH, { body, keepalive: true })
    return true
  }

  while (rest.length > 0) {
    const piece = cutPiece(rest, most)
    if (send(piece)) {
      for (const item of piece) item.isHanded = true
      rest = rest.slice(piece.length)
    } else if (piece.length > 1) {
      most /= 2
    } else {
      isBeacon = false
      most = PIECE_SIZE
    }
  }
}

/** The beginning of a line that is of one session and within the size, one at least. */
function cutPiece(line: HeldEvent[], most: number): HeldEvent[] {
  let size = 0
  const end = line.findIndex((item, index) => {
    size += item.size
    return index > 0 && (size > most || item.sessionId !== line[0]?.sessionId)
  })
  return end < 0 ? line : line.slice(0, end)
}
