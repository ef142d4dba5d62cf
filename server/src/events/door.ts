import { MAX_BODY_BYTES } from '@helloagain/protocol'
import { Problem } from '../platform/http/problem.ts'
import { createShares } from './shares.ts'

/** Requests at work at once. Each has its connection besides, whether or not it is let in. */
const MAX_REQUESTS = 4000
/** Of their bodies; parsed, and turned into rows, they take a few times as much. */
const MAX_BODIES_BYTES = 32 * 1024 * 1024
const RETRY_AFTER_SECONDS = 1

/** Lets in no more than memory has room for, and leaves room for those who are few: see `Shares`. */
export interface Door {
  /**
   * Lets a request in before its body is read; the answer lets it out.
   *
   * @param source where it came from
   * @param length `Content-Length`; without one the body may be as large as any
   * @throws Problem `server.busy`
   */
  enter(source: string, length: string | undefined): () => void
}

export function createDoor(maxRequests = MAX_REQUESTS, maxBytes = MAX_BODIES_BYTES): Door {
  const requests = createShares(maxRequests)
  const bodies = createShares(maxBytes)
  return {
    enter(source, length) {
      const holders = [source]
      // More than is taken is turned away by the reader of the body.
      const bytes = Math.min(Number(length ?? MAX_BODY_BYTES), MAX_BODY_BYTES)
      const leave = () => requests.give(holders, 1)
      const isIn = requests.take(holders, 1)
      if (isIn && bodies.take(holders, bytes)) {
        return () => {
          leave()
          bodies.give(holders, bytes)
        }
      }
      if (isIn) leave()
      throw new Problem('server.busy', { retryAfterSeconds: RETRY_AFTER_SECONDS })
    },
  }
}
