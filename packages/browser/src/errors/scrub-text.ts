import { scrubAddress } from './scrub-address.ts'
import { MASK, scrubWords } from './scrub-words.ts'

/** Characters that are looked at: of a document that is thrown, the beginning is told. */
const MOST_READ = 2048

/** Quotes in the engines' own messages that hold names of code: without them such a message tells little. */
const NAME_OF_CODE =
  /\((?:reading|setting|evaluating) '[\w$.#]+'\)|access property "[\w$]+"|Failed to \w+ (?:the )?'[\w$]+'(?: property)?(?: (?:on|from) '[\w$]+')?|access '[\w$]+' before|Identifier '[\w$]+' has|read only property '[\w$]+' of object '#<[\w$]+>'|token '[^\w\s]'|without 'new'/g
const ADDRESS = /\b(?:[a-z][a-z\d+.-]{1,15}:\/\/|(?:data|blob|javascript|mailto|tel|sms):)[^\s"<>()]*/gi

/** A value in quotation marks; an apostrophe within a word opens none. Where it is not closed, it runs to the end. */
const QUOTED = /(^|\W)'[\s\S]*?(?:'(?!\w)|$)|"[^"]*(?:"|$)|`[^`]*(?:`|$)|“[^”]*(?:”|$)|«[^»]*(?:»|$)/g
/** What follows a relative address, and pairs wherever they stand. */
const QUERY = /[?#&;][\w.~%[\]+-]{1,64}=[^\s"'<>()]*/g
const NAMED_SECRET =
  /\b(\w*(?:password|passwd|pwd|secret|token|api_?key|session_?id|cookie|otp|pin|mail|phone|iban|ssn|(?:first|last|sur|user)_?name)\s*[:=]|bearer|basic)\s*[^\s,;]+/gi
const HOME_FOLDER = /(\/home\/|\/Users\/|\\Users\\)[^\s/\\"'<>()]+/g

// Unicode's area for private use, one character for each text that is set aside.
const FIRST_ASIDE = 0xe000
const ASIDE = /[\ue000-\uf8ff]/g
/** What no server takes (NUL, half a surrogate pair), and what would be mistaken for text set aside. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const UNCLEAN = /[\u0000-\u001f\u007f\ue000-\uf8ff]|[\ud800-\udfff]/gu

function readStart(text: string): string {
  const start = text.slice(0, MOST_READ)
  // Half a mail address is not known for one.
  return (text.length > MOST_READ ? start.replace(/\S*$/, '') : start).replace(UNCLEAN, ' ')
}

/**
 * A message of an error without what names a person or lets one in: mail and IP addresses, phone and card numbers,
 * keys and ids, quoted values, queries, fragments and credentials of addresses. Names in plain words are not known for
 * what they are. Linear in the length, which is bounded.
 */
export function scrubText(text: string): string {
  const aside: string[] = []
  const setAside = (kept: string): string => String.fromCharCode(FIRST_ASIDE + aside.push(kept) - 1)
  return scrubWords(
    readStart(text)
      .replace(NAME_OF_CODE, (name) => setAside(scrubWords(name)))
      .replace(ADDRESS, (address) => setAside(scrubAddress(address)))
      .replace(QUOTED, (_, before = '') => `${before}${setAside(`'${MASK}'`)}`)
      .replace(QUERY, '')
      .replace(NAMED_SECRET, `$1 ${MASK}`)
      .replace(HOME_FOLDER, `$1${MASK}`),
  )
    .replace(ASIDE, (mark) => aside[mark.charCodeAt(0) - FIRST_ASIDE] ?? '')
    .replace(/\s+/g, ' ')
    .trim()
}
