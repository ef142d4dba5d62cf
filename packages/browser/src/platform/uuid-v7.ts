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
  const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0')
  let lastMs = -1
  let counter = 0
  return () => {
    const [high = 0, low = 0, first = 0, ...rest] = fillRandom(new Uint8Array(10))
    const now = nowMs()
    if (now > lastMs) {
      lastMs = now
      // The top bit starts at zero, so that at least 2,048 ids fit before the counter runs over.
      counter = ((high & 7) << 8) | low
    } else if (++counter > 0xfff) {
      lastMs += 1
      counter = 0
    }
    const tail = [(first & 0x3f) | 0x80, ...rest].map((byte) => hex(byte, 2)).join('')
    return `${hex(lastMs, 12)}7${hex(counter, 3)}${tail}`.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
  }
}

/** Whether a text is a UUID of any version, as the server takes it. */
export function isUuid(text: unknown): text is string {
  return typeof text === 'string' && /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(text)
}
