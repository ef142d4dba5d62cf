const MASK = '***'

// RFC 7515: three base64url parts, the first of which opens with `{"`.
const JWT = /^eyJ[\w-]+\.[\w-]+\.[\w-]*$/
const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i
const HEX = /^[0-9a-f]{16,}$/i
// Phone, card and customer numbers; years and most article numbers are shorter.
const DIGITS = /^\+?\d{10,}$/
const ADDRESS = /@|%40/i
// A word of a readable address has no upper case amid digits; sixteen mixed characters carry at least 64 bits.
const RANDOM = /^[\w.~=-]{16,}$/

const countOf = (text: string, kind: RegExp) => text.match(kind)?.length ?? 0

function looksRandom(part: string): boolean {
  if (!RANDOM.test(part)) return false
  const digits = countOf(part, /\d/g)
  const upper = countOf(part, /[A-Z]/g)
  const lower = countOf(part, /[a-z]/g)
  if (digits >= 2 && upper >= 2 && lower >= 2) return true
  // One case only: a run without separators in which digits and letters alternate is no word.
  return part.split(/[-_.~]/).some((run) => run.length >= 16 && countOf(run, /\d/g) >= 3)
}

/** Whether a part of a path is a secret or a person rather than the name of a page. */
export function isTokenLike(part: string): boolean {
  if (part.length < 6) return false
  return (
    ADDRESS.test(part) ||
    UUID.test(part) ||
    JWT.test(part) ||
    DIGITS.test(part) ||
    (HEX.test(part) && /\d/.test(part)) ||
    looksRandom(part)
  )
}

function scrubPart(part: string): string {
  // Matrix parameters (`;jsessionid=…`) are a query in another place.
  const name = part.split(';', 1)[0] ?? ''
  return isTokenLike(name) ? MASK : name
}

function keepUtm(query: string): string {
  const kept = query.split('&').filter((pair) => /^utm_[a-z_]{1,32}=/i.test(pair))
  return kept.length > 0 ? `?${kept.join('&')}` : ''
}

// Names of pages and nothing else: too short, and without the digits, that a secret or an id would have.
const PLAIN_PATH = /^(?:\/[a-z-]{0,30})+$/

const ORIGIN = /^([a-z][a-z0-9+.-]*:)?\/\/[^/?#]*/i

/**
 * An address without what may identify or let in: the query (but `utm_*`), the fragment, credentials, and parts
 * of the path that look like tokens. Takes absolute and relative addresses; linear in their length.
 */
export function scrubUrl(url: string): string {
  if (PLAIN_PATH.test(url)) return url
  const [beforeFragment = ''] = url.split('#', 1)
  const mark = beforeFragment.indexOf('?')
  const address = mark === -1 ? beforeFragment : beforeFragment.slice(0, mark)
  const query = mark === -1 ? '' : keepUtm(beforeFragment.slice(mark + 1))
  const origin = ORIGIN.exec(address)?.[0] ?? ''
  const path = address.slice(origin.length)
  return `${origin.replace(/\/\/[^@]*@/, '//')}${path.split('/').map(scrubPart).join('/')}${query}`
}

const EMBEDDED_URL = /\b[a-z][a-z0-9+.-]{1,15}:\/\/[^\s"'<>()]+/gi

/** A text whose embedded addresses are scrubbed: messages of errors quote them. */
export const scrubText = (text: string): string =>
  text.includes('://') ? text.replace(EMBEDDED_URL, scrubUrl) : text
