import { isSecret } from './is-secret.ts'

export const MASK = '***'

const MAIL = /[^\s<>"(),:;[\]]+(?:@|%40)[^\s<>"(),:;[\]]+/gi
const IPV4 = /\b\d{1,3}(?:\.\d{1,3}){3}\b/g
const IPV6 = /(?:[\da-f]{1,4}:){3,}[\da-f:.]*|(?:\b[\da-f]{1,4}(?::[\da-f]{1,4})*)?::[\da-f:.]+(?!\w)/gi
const IBAN = /\b[A-Z]{2}\d{2}(?:[ -]?[A-Z\d]{4}){2,7}(?:[ -]?[A-Z\d]{1,4})?\b/gi
/** Phone, card and account numbers, dates of birth: seven digits and more, however they are grouped. */
const NUMBER = /[+(]*\d(?:[\s()./–-]{0,3}\d){6,}/g
const RUN = /[\w~+%=$-]{8,}/g

/** Masks what names a person or lets one in by its form: mail and IP addresses, long numbers, keys and ids. */
export function scrubWords(text: string): string {
  // Most names of functions and folders: none of the kinds below is so short and so plain.
  if (text.length < 16 && !/[\d@%:]/.test(text)) return text
  return [MAIL, IPV4, IPV6, IBAN, NUMBER]
    .reduce((scrubbed, kind) => scrubbed.replace(kind, MASK), text)
    .replace(RUN, (run) => (isSecret(run) ? MASK : run))
}
