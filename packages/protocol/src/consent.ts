/** What the person said on this site. `unset`: nothing yet. */
export type ConsentChoice = 'denied' | 'granted' | 'unset'

/** What follows from the choice, from Global Privacy Control and from the site's own rule. */
export type ConsentMode = 'cookieless' | 'off' | 'recognition'

/** A consent decision on its way to the server. */
export interface ConsentReport {
  choice: ConsentChoice
  /** True when the person clicked on this site's own consent; only then `granted` outranks GPC and DNT. */
  byPerson?: boolean
  /** The browser says `navigator.globalPrivacyControl` or `navigator.doNotTrack`. */
  optOutSignal?: boolean
  /** Version of the wording the person saw. */
  wording?: string
}

/**
 * The consent table: what a choice comes to.
 *
 * @see https://www.w3.org/TR/gpc/
 */
export function consentMode(
  report: ConsentReport,
  site: { unsetMode: Exclude<ConsentMode, 'off'> },
): ConsentMode {
  if (report.choice === 'denied') return 'off'
  if (report.choice === 'granted' && report.byPerson === true) return 'recognition'
  if (report.optOutSignal === true) return 'cookieless'
  return report.choice === 'granted' ? 'recognition' : site.unsetMode
}
