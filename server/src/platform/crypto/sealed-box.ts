import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

/** Encrypts small secrets for the database; AES-256-GCM, envelope `v1.kid.iv.ct.tag` (SECURITY.md R60). */
export interface SealedBox {
  /** @param place table/column/row id, so that a value cannot be moved to another row */
  seal(plain: string, place: string): string
  /** @throws when the envelope was changed, moved or made under another key */
  open(envelope: string, place: string): string
}

const KEY_ID = 'k1'
/** `code` of the error for an envelope that this key does not open. */
export const SEAL_BROKEN = 'ERR_SEAL_BROKEN'

export function createSealedBox(key: Buffer): SealedBox {
  return {
    seal(plain, place) {
      const iv = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(place))
      const sealed = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()])
      const parts = [iv, sealed, cipher.getAuthTag()].map((part) => part.toString('base64url'))
      return ['v1', KEY_ID, ...parts].join('.')
    },
    open(envelope, place) {
      const [version, kid, iv, sealed, tag] = envelope.split('.')
      if (version !== 'v1' || kid !== KEY_ID || !iv || !sealed || !tag) throw new Error('Unknown envelope.')
      const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(iv, 'base64url'))
        .setAAD(Buffer.from(place))
        .setAuthTag(Buffer.from(tag, 'base64url'))
      try {
        const plain = [decipher.update(Buffer.from(sealed, 'base64url')), decipher.final()]
        return Buffer.concat(plain).toString('utf8')
      } catch (cause) {
        throw Object.assign(new Error('What was sealed does not open', { cause }), { code: SEAL_BROKEN })
      }
    },
  }
}
