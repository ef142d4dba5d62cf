export interface UuidSources {
  /** Milliseconds since 1970. */
  nowMs(): number
  /** Fills the bytes with cryptographically strong randomness and returns them. */
  fillRandom(bytes: Uint8Array<ArrayBuffer>): Uint8Array
}

/**
 * A maker of UUIDs of version 7: they sort by the time they were made, also within one millisecond
 * and when the clock is set back.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9562#section-5.7 the layout
 * @see https://www.rfc-editor.org/rfc/rfc9562#section-6.2 method 1, a 12-bit counter
 */
export function createUuidV7({ nowMs, fillRandom }: UuidSources): () => string {
  let lastMs = -1
  let counter = 0
  return () => {
    const bytes = fillRandom(new Uint8Array(16))
    const now = nowMs()
    if (now > lastMs) {
      lastMs = now
      // The top bit starts at zero, so that at least 2,048 ids fit before the counter runs over.
      counter = (((bytes[6] ?? 0) & 0x07) << 8) | (bytes[7] ?? 0)
    } else if (counter === 0xfff) {
      lastMs += 1
      counter = 0
    } else {
      counter += 1
    }
    const time = lastMs.toString(16).padStart(12, '0')
    const variant = (((bytes[8] ?? 0) & 0x3f) | 0x80).toString(16)
    const rest = Array.from(bytes.subarray(9), (byte) => byte.toString(16).padStart(2, '0')).join('')
    const low = variant + rest
    return [
      time.slice(0, 8),
      time.slice(8),
      `7${counter.toString(16).padStart(3, '0')}`,
      low.slice(0, 4),
      low.slice(4),
    ].join('-')
  }
}

/** Whether a text is a UUID of any version, as the server takes it. */
export function isUuid(text: unknown): text is string {
  return typeof text === 'string' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)
}
