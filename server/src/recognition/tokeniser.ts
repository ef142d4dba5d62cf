import type { Tokenise } from '@helloagain/recognition/linkage'
import type { ServerKeys } from '../platform/crypto/server-keys.ts'

/** 96 bits: of ten million values two meet with a probability of one in 10^15. */
const TOKEN_BYTES = 12
/** Most values come again and again; the long ones are lists of fonts. */
const MOST_REMEMBERED = 20_000
const LONGEST_REMEMBERED = 4096

/** The site's tokens for values: an HMAC under the site, so that they say nothing without the key and are never equal on two sites. */
export function createTokeniser(keys: Pick<ServerKeys, 'mac'>): (siteId: string) => Tokenise {
  // In the order of their last use.
  const recent = new Map<string, string>()

  function keep(text: string, token: string): void {
    recent.set(text, token)
    if (recent.size <= MOST_REMEMBERED) return
    const [oldest] = recent.keys()
    if (oldest !== undefined) recent.delete(oldest)
  }

  return (siteId) => (signal, value) => {
    const text = `${siteId}\n${signal}\n${value}`
    const known = recent.get(text)
    if (known !== undefined) {
      recent.delete(text)
      recent.set(text, known)
      return known
    }
    const token = keys.mac('signal-token', text).toString('base64url', 0, TOKEN_BYTES)
    if (text.length <= LONGEST_REMEMBERED) keep(text, token)
    return token
  }
}
