import type { FingerprintReport, RecognitionAnswer, RecognitionMethod } from '@helloagain/protocol'

/** What happened while a session was opened, as the overlay is told of it. */
export type Fact =
  /** A session is wanted. Nothing follows where the person refused. */
  | { what: 'began'; isKnown: boolean }
  /** The page before in this tab opened the session; the server was not asked again. */
  | { what: 'taken_up'; method: RecognitionMethod }
  | {
      what: 'answered'
      recognition: RecognitionAnswer
      /** Whether the id that was asked under is the one that is used from now on. */
      isSameId: boolean
    }
  /** No session was opened; status 0 where nobody answered. */
  | { what: 'failed_open'; status: number; refusal?: string | undefined }
  /** Observed so lately that there is no need to look again. */
  | { what: 'not_due' }
  /** Whether the device key is bound to the session, was not yet, or is none. */
  | { what: 'key'; state: 'bound' | 'made' | 'refused' }
  /** The probes did not come, or broke off. */
  | { what: 'unobserved' }
  /** Without a report a kept observation did. */
  | { what: 'observed'; report?: FingerprintReport; isPartial: boolean }

/** The last fact of a kind. */
export function findLast<W extends Fact['what']>(
  facts: readonly Fact[],
  what: W,
): Extract<Fact, { what: W }> | undefined {
  // The filter keeps the kind that was asked for.
  return facts.filter((fact) => fact.what === what).pop() as Extract<Fact, { what: W }> | undefined
}
