import { describe, expect, it } from 'vitest'
import { murmurHash128, murmurHash128Text, utf8Bytes } from './murmur-hash.ts'
import { murmurHash32 } from './text-digest.ts'

describe('murmurHash128', () => {
  it("passes the verification of the hash's author (SMHasher, Murmur3F: 0x6384BA69)", () => {
    const reversedWords = (hex: string) => [0, 16].flatMap((at) => hexBytes(hex.slice(at, at + 16)).reverse())
    const answers: number[] = []
    for (let length = 0; length < 256; length++) {
      const key = Array.from({ length }, (_, index) => index)
      answers.push(...reversedWords(murmurHash128(key, 256 - length)))
    }
    const [a = 0, b = 0, c = 0, d = 0] = reversedWords(murmurHash128(answers, 0))
    expect(((d << 24) | (c << 16) | (b << 8) | a) >>> 0).toBe(0x6384ba69)
  })

  it('gives the published answer for the quick brown fox', () => {
    expect(murmurHash128Text('The quick brown fox jumps over the lazy dog')).toBe(
      'e34bbc7bbc071b6c7a433ca9c49a9347',
    )
  })

  it('reads text as TextEncoder does, lone surrogates included', () => {
    expect(utf8Bytes('aé€😃')).toEqual([0x61, 0xc3, 0xa9, 0xe2, 0x82, 0xac, 0xf0, 0x9f, 0x98, 0x83])
    expect(utf8Bytes('\uD800x')).toEqual([0xef, 0xbf, 0xbd, 0x78])
    expect(utf8Bytes('x\uDC00')).toEqual([0x78, 0xef, 0xbf, 0xbd])
  })
})

describe('murmurHash32', () => {
  it("passes the verification of the hash's author (SMHasher, Murmur3A: 0xB0F57EE3)", () => {
    const littleEndian = (hash: number) => [hash & 255, (hash >> 8) & 255, (hash >> 16) & 255, hash >>> 24]
    const answers: number[] = []
    for (let length = 0; length < 256; length++) {
      const key = Array.from({ length }, (_, index) => index)
      answers.push(...littleEndian(murmurHash32(key, 256 - length)))
    }
    expect(murmurHash32(answers, 0)).toBe(0xb0f57ee3)
  })
})

const hexBytes = (hex: string) => (hex.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16))
