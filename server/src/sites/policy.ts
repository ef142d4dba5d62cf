import { createHash, randomBytes } from 'node:crypto'
import { SECRET_KEY_SCOPES } from './ports.ts'
import { SiteError } from './site-error.ts'

/** Kept short and plain: names stand in commands and in logs. */
const SITE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/

/** @throws SiteError */
export function checkSiteName(name: string): string {
  if (SITE_NAME.test(name)) return name
  throw new SiteError(
    `"${name}" is no site name: 1–64 letters, digits, dots, dashes or underscores, the first a letter or digit.`,
  )
}

/**
 * The origin as browsers send it, so that requests can be matched letter by letter.
 *
 * @throws SiteError for anything but http(s)://host[:port]: a path or a wildcard would promise what an exact
 * match does not do (SECURITY.md W1)
 */
export function normaliseOrigin(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new SiteError(`"${text}" is no origin: write scheme and host, such as https://shop.example.`)
  }
  if (text.includes('*')) {
    throw new SiteError(`"${text}" has a wildcard: origins match exactly, register each one.`)
  }
  if (url.pathname !== '/' || url.username || url.password || /[\s\\?#@]/.test(text)) {
    throw new SiteError(`"${text}" is more than an origin: did you mean ${url.origin}?`)
  }
  return url.origin
}

/** @throws SiteError */
export function checkScopes(scopes: readonly string[]): readonly string[] {
  const known: readonly string[] = SECRET_KEY_SCOPES
  const unknown = scopes.filter((scope) => !known.includes(scope))
  if (unknown.length > 0 || scopes.length === 0) {
    const fault = unknown.length > 0 ? `Unknown scope: ${unknown.join(', ')}.` : 'A secret key needs scopes.'
    throw new SiteError(`${fault} Scopes are ${known.join(', ')}.`)
  }
  return [...new Set(scopes)]
}

/** A new key: 256 bits behind a secret one, 144 behind a publishable one, which only names its site. */
export function newKey(kind: 'publishable' | 'secret'): string {
  return kind === 'secret'
    ? `sk_${randomBytes(32).toString('base64url')}`
    : `pk_${randomBytes(18).toString('base64url')}`
}

/** What is stored of a key. SHA-256 suffices: no dictionary holds 256 random bits. */
export const hashKey = (key: string): string => createHash('sha256').update(key).digest('base64url')

/** Enough for people to tell keys apart. */
export const hintOf = (key: string): string => key.slice(-4)

/** Not secret; differs from site to site so that no fingerprint is equal on two (SECURITY.md P4). */
export const newFingerprintSalt = (): string => randomBytes(16).toString('hex')
