const BYTES = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))
const byteAt = (word: number, shift: number) => BYTES[(word >>> shift) & 255] ?? ''
/** A 32-bit word as 8 lower-case hex digits; by table in a fifth of the time, and a decision names some thirty keys. */
const hex = (word: number) => byteAt(word, 24) + byteAt(word, 16) + byteAt(word, 8) + byteAt(word, 0)

/**
 * A short name of a text, 16 hex digits, for keys made of tokens: tokens are keyed already, so this need not be.
 * Without BigInt and byte arrays it costs 2 µs where MurmurHash3 x64 costs 200 for a key of twelve tokens; 2^64
 * names make two of ten million keys meet with a probability of 3 in a million.
 *
 * @see https://github.com/bryc/code/blob/master/jshash/experimental/cyrb53.js (its two-word mix, all 64 bits kept)
 */
export function nameComposite(text: string): string {
  let first = 0xdeadbeef
  let second = 0x41c6ce57
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    first = Math.imul(first ^ code, 0x9e3779b1)
    second = Math.imul(second ^ code, 0x5f356495)
  }
  first = Math.imul(first ^ (first >>> 16), 0x85ebca6b) ^ Math.imul(second ^ (second >>> 13), 0xc2b2ae35)
  second = Math.imul(second ^ (second >>> 16), 0x85ebca6b) ^ Math.imul(first ^ (first >>> 13), 0xc2b2ae35)
  return hex(second) + hex(first)
}
