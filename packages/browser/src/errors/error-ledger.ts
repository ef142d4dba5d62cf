import type { ErrorDescription, ErrorPayload } from './error-payload.ts'
import { hashText } from './hash-text.ts'

/** Different errors one page tells of; one that throws ever new ones tells nothing more by more of them. */
const MOST_ERRORS = 50
const FIRST_PAUSE_MS = 60_000
const LONGEST_PAUSE_MS = 3_600_000

export interface ErrorLedger {
  /** Tells a new error at once; one that is known is counted. */
  add(error: ErrorDescription): void
  /** Tells how often known errors occurred again. */
  tellRepeats(): void
}

interface LedgerOptions {
  tell(payload: ErrorPayload): void
  /** @returns its undo */
  schedule(work: () => void, delayMs: number): () => void
}

const leftOut = ({ page }: ErrorDescription): ErrorDescription => ({
  errorType: 'ErrorsLeftOut',
  message: `More than ${MOST_ERRORS} different errors`,
  page,
  fingerprint: hashText('ErrorsLeftOut'),
})

/**
 * What a page has told of its errors. Each is told once; repeats are counted and told after a minute, then after two,
 * four … up to an hour, so that an error in a loop is a few events and no number is lost.
 */
export function createErrorLedger({ tell, schedule }: LedgerOptions): ErrorLedger {
  const known = new Map<string, { error: ErrorDescription; repeats: number }>()
  let pauseMs = FIRST_PAUSE_MS
  let cancel: (() => void) | undefined

  function tellRepeats(): void {
    cancel?.()
    cancel = undefined
    for (const entry of known.values()) {
      const { error, repeats } = entry
      if (repeats === 0) continue
      entry.repeats = 0
      tell({ ...error, count: repeats })
    }
  }

  return {
    add(error) {
      const counted = known.has(error.fingerprint) || known.size < MOST_ERRORS ? error : leftOut(error)
      const entry = known.get(counted.fingerprint)
      if (!entry) {
        known.set(counted.fingerprint, { error: counted, repeats: 0 })
        tell({ ...counted, count: 1 })
        return
      }
      entry.repeats++
      cancel ??= schedule(() => {
        pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)
        tellRepeats()
      }, pauseMs)
    },
    tellRepeats,
  }
}
