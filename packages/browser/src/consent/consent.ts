import { type ConsentMode, type ConsentReport, consentMode } from '@helloagain/protocol'
import { type Persistence, readJson } from '../persistence/persistence.ts'

/** The site's own rule for people who said nothing, as the server tells it. */
export type UnsetMode = Exclude<ConsentMode, 'off'>

export interface Consent {
  /** What the server is told with every session and batch. */
  report(): ConsentReport
  /** What may happen now; `cookieless` as long as only the server knows. */
  mode(): ConsentMode
  /** True where the mode follows without asking the server. */
  isSettled(): boolean
  /** Takes in the site's rule, and what the server made of the report: the stricter one wins. */
  learn(unsetMode: UnsetMode, serverMode?: ConsentMode): void
  /** Takes a decision and keeps it; a refusal is all that is kept where the mode is `off`. */
  decide(report: ConsentReport): void
  /** Reads the kept decision again, because another tab may have changed it. @returns whether one did */
  reload(): boolean
}

export interface ConsentOptions {
  /** What the page says: a consent banner's answer, or the operator's own rule. */
  given: ConsentReport
  /** The browser says so for the person: {@link hasOptOutSignal}. */
  isOptedOut: boolean
  store: Persistence
  key: string
}

const STRICTEST_FIRST: readonly ConsentMode[] = ['off', 'cookieless', 'recognition']

/** Whether a word says something about consent; banners and storage may hold any. */
export const isChoice = (choice: unknown): choice is ConsentReport['choice'] =>
  ['denied', 'granted', 'unset'].includes(choice as string)

/**
 * Global Privacy Control or Do Not Track; read before anything else is.
 *
 * @see https://www.w3.org/TR/gpc/
 */
export function hasOptOutSignal(navigator: object): boolean {
  const { globalPrivacyControl, doNotTrack } = navigator as {
    globalPrivacyControl?: unknown
    doNotTrack?: unknown
  }
  return globalPrivacyControl === true || /^(1|yes)$/.test(`${doNotTrack}`)
}

/**
 * The gate in front of identity, queue and probes: API.md's consent table.
 *
 * A person's own decision is kept in storage, also under an opt-out signal: a refusal has to outlive the
 * page, and so does the click that outranks the signal. It is the one key that is read under such a signal.
 */
export function createConsent({ given, isOptedOut, store, key }: ConsentOptions): Consent {
  let unsetMode: UnsetMode | undefined
  let ceiling: ConsentMode = 'recognition'
  let current: ConsentReport = given
  /** What was kept at the last look. */
  let seen: string | undefined

  function read(): void {
    seen = store.get(key)
    const { choice, wording } = readJson<ConsentReport>(store, key) ?? {}
    ceiling = 'recognition'
    // What a person clicked outranks what the page says about everybody.
    const isKept = !given.byPerson && isChoice(choice)
    current = isKept ? { choice, byPerson: true, ...(wording && { wording }) } : given
  }

  const report = (): ConsentReport => (isOptedOut ? { ...current, optOutSignal: true } : current)
  /** What is known without the server. */
  const local = (): ConsentMode | undefined =>
    current.choice === 'unset' && !isOptedOut ? unsetMode : consentMode(report(), { unsetMode: 'cookieless' })

  read()
  return {
    report,
    mode() {
      const here = local() ?? 'cookieless'
      return STRICTEST_FIRST.find((mode) => mode === here || mode === ceiling) ?? 'off'
    },
    isSettled: () => !!local(),
    learn(rule, serverMode = 'recognition') {
      unsetMode = rule
      ceiling = serverMode
    },
    decide(decision) {
      current = decision
      given = decision
      ceiling = 'recognition'
      const { choice, wording, byPerson } = decision
      if (choice === 'denied' || (choice === 'granted' && byPerson)) {
        // Without a wording JSON leaves it out.
        store.set(key, JSON.stringify({ choice, wording }))
      } else {
        store.remove(key)
      }
      seen = store.get(key)
    },
    reload() {
      if (store.get(key) === seen) return false
      read()
      return true
    },
  }
}
