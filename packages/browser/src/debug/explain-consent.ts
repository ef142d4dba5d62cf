import type { Standing } from './look-around.ts'
import type { Remark } from './remark.ts'

/** What consent allows, and who decided it. */
export function explainConsent({ mode, report, hasMode }: Standing): Remark {
  if (mode === 'off') {
    return {
      tone: 'problem',
      head: 'Consent was refused',
      text: 'Nothing is read, stored or sent, so nobody is recognised. optIn() after a click of the person changes that.',
    }
  }
  if (mode === 'recognition') {
    const who =
      report.choice === 'granted'
        ? 'The person, or your page for them, agreed.'
        : 'The site’s rule for people who said nothing.'
    return { tone: 'good', head: 'Consent allows recognition', text: who }
  }
  if (!hasMode) {
    return {
      tone: 'plain',
      head: 'Consent is not known yet',
      text: 'The server tells the site’s rule first.',
    }
  }
  return {
    tone: 'problem',
    head: 'Consent stops at cookieless',
    text: `${
      report.optOutSignal
        ? 'The browser says Global Privacy Control or Do Not Track.'
        : 'The site’s rule for people who said nothing.'
    } Nothing is stored or observed, so the next page does not know this one. optIn() after a click of the person changes that.`,
  }
}
