const MASK = 0xffffffffffffffffn
const C1 = 0x87c37b91114253d5n
const C2 = 0x4cf5ad432745937fn

const rotate = (value: bigint, bits: bigint) => ((value << bits) | (value >> (64n - bits))) & MASK
const multiply = (left: bigint, right: bigint) => (left * right) & MASK
const add = (left: bigint, right: bigint) => (left + right) & MASK

function finalMix(state: bigint): bigint {
  let mixed = multiply(state ^ (state >> 33n), 0xff51afd7ed558ccdn)
  mixed = multiply(mixed ^ (mixed >> 33n), 0xc4ceb9fe1a85ec53n)
  return mixed ^ (mixed >> 33n)
}

/** Little-endian number in up to eight bytes; missing bytes are zero. */
function readWord(bytes: ArrayLike<number>, from: number): bigint {
  const byte = (offset: number) => bytes[from + offset] ?? 0
  const low = byte(0) | (byte(1) << 8) | (byte(2) << 16) | (byte(3) << 24)
  const high = byte(4) | (byte(5) << 8) | (byte(6) << 16) | (byte(7) << 24)
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)
}

const mixFirst = (word: bigint) => multiply(rotate(multiply(word, C1), 31n), C2)
const mixSecond = (word: bigint) => multiply(rotate(multiply(word, C2), 33n), C1)

/** Bytes of a text as UTF-8; lone surrogates become U+FFFD, as in TextEncoder. */
export function utf8Bytes(text: string): number[] {
  const bytes: number[] = []
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0
    const code = point >= 0xd800 && point <= 0xdfff ? 0xfffd : point
    if (code < 0x80) bytes.push(code)
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 63))
    else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63))
    else
      bytes.push(
        0xf0 | (code >> 18),
        0x80 | ((code >> 12) & 63),
        0x80 | ((code >> 6) & 63),
        0x80 | (code & 63),
      )
  }
  return bytes
}

/**
 * MurmurHash3 x64 128 of bytes, as 32 lower-case hex digits. Our own copy, because this package depends on
 * nothing; the verification value of its author's test suite and FingerprintJS's answers are tests.
 *
 * No cryptographic hash: it names an observation, it protects nothing.
 *
 * @see https://github.com/aappleby/smhasher/blob/master/src/MurmurHash3.cpp
 */
export function murmurHash128(bytes: ArrayLike<number>, seed = 0): string {
  let first = BigInt(seed >>> 0)
  let second = first
  const bodyLength = bytes.length - (bytes.length % 16)
  for (let at = 0; at < bodyLength; at += 16) {
    first = add(multiply(add(rotate(first ^ mixFirst(readWord(bytes, at)), 27n), second), 5n), 0x52dce729n)
    second = add(
      multiply(add(rotate(second ^ mixSecond(readWord(bytes, at + 8)), 31n), first), 5n),
      0x38495ab5n,
    )
  }
  // A missing tail reads as zero, and zero mixes to zero, so the tail needs no cases of its own.
  second ^= mixSecond(readWord(bytes, bodyLength + 8))
  first ^= mixFirst(readWord(bytes, bodyLength))
  const length = BigInt(bytes.length)
  first ^= length
  second ^= length
  first = add(first, second)
  second = add(second, first)
  first = finalMix(first)
  second = finalMix(second)
  first = add(first, second)
  second = add(second, first)
  return first.toString(16).padStart(16, '0') + second.toString(16).padStart(16, '0')
}

/** MurmurHash3 x64 128 of a text's UTF-8 bytes, as 32 lower-case hex digits. */
export function murmurHash128Text(text: string): string {
  return murmurHash128(utf8Bytes(text))
}
