import type { EventPayload } from '@helloagain/protocol'
import type { Uninstall } from '../interceptors/uninstall.ts'
import { listen } from '../platform/listen.ts'
import { quietly } from '../platform/quietly.ts'
import { createDescriber } from './describe-error.ts'
import { createErrorLedger } from './error-ledger.ts'
import type { CaptureErrorsOptions } from './error-payload.ts'
import type { Uncaught } from './read-thrown.ts'

/** What the page's own script in its head caught before the SDK was there; see README.md. */
interface EarlyErrors {
  HelloAgain?: { earlyErrors?: Uncaught[] }
}

type Page = Pick<
  Window,
  'addEventListener' | 'clearTimeout' | 'location' | 'removeEventListener' | 'setTimeout'
> &
  EarlyErrors

const UNCAUGHT = ['error', 'unhandledrejection']
const LEAVING = ['visibilitychange', 'pagehide']

/** Errors the page kept for us; it keeps no more once they are taken. */
function takeEarly({ HelloAgain }: EarlyErrors): Uncaught[] {
  const early = HelloAgain?.earlyErrors ?? []
  delete HelloAgain?.earlyErrors
  return early
}

/**
 * Tracks uncaught errors and rejected promises of the page as ERROR_OCCURRED. Never throws, handles nothing in the
 * page's place, and wraps nothing: it listens.
 *
 * @returns the undo, which tells what was counted by then
 */
export function installErrorCapture(
  track: (type: 'ERROR_OCCURRED', payload: EventPayload) => void,
  { ignore = [] }: CaptureErrorsOptions,
  page: Page,
): Uninstall {
  const ledger = createErrorLedger({
    tell: (payload) => track('ERROR_OCCURRED', payload),
    schedule(work, delayMs) {
      const timer = page.setTimeout(work, delayMs)
      return () => page.clearTimeout(timer)
    },
  })
  const describe = createDescriber({ location: page.location, ignore })
  let isBusy = false
  const take = (uncaught: Uncaught): void => {
    // What goes wrong in here, by a getter of a strange error, is not told: it would come back for ever.
    if (isBusy) return
    isBusy = true
    quietly(() => {
      const error = describe(uncaught)
      if (error) ledger.add(error)
    })
    isBusy = false
  }
  const tellRepeats = (): void => void quietly(ledger.tellRepeats)
  quietly(() => takeEarly(page).forEach(take))
  const undos = UNCAUGHT.map((type) => listen(page, type, take))
  // While the event is still on its way down, so that the queue has it when it leaves.
  for (const type of LEAVING) page.addEventListener(type, tellRepeats, true)
  return () => {
    tellRepeats()
    for (const undo of undos) undo()
    for (const type of LEAVING) page.removeEventListener(type, tellRepeats, true)
  }
}
