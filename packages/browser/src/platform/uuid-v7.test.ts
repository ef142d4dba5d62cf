import { expect, it } from 'vitest'
import { createUuidV7, isUuid } from './uuid-v7.ts'

const randomBytes = (bytes: Uint8Array<ArrayBuffer>) => crypto.getRandomValues(bytes)

it('lays out time, version, variant and randomness as RFC 9562 says', () => {
  // The example of RFC 9562, appendix A.6, with the counter's top bit clear.
  const random = [0x0c, 0xc3, 0x18, 0xc4, 0xdc, 0x0c, 0x0c, 0x07, 0x39, 0x8f]
  const newId = createUuidV7({
    nowMs: () => 0x017f22e279b0,
    fillRandom: (bytes) => {
      bytes.set(random)
      return bytes
    },
  })
  expect(newId()).toBe('017f22e2-79b0-74c3-98c4-dc0c0c07398f')
})

it('sorts by the order of making, within one millisecond and with a clock that goes back', () => {
  const times = [5000, 5000, 5000, 4000, 4999, 5001]
  const newId = createUuidV7({ nowMs: () => times.shift() ?? 5001, fillRandom: randomBytes })
  const ids = Array.from({ length: 5000 }, newId)
  expect(ids.every(isUuid)).toBe(true)
  expect([...ids].sort()).toEqual(ids)
  expect(new Set(ids).size).toBe(5000)
})

it.each(['', 'x', '0192f1c2-7b3a-7c4d-8e5f', '0192f1c2-7b3a-7c4d-8e5f-a1b2c3d4e5f6/../x', null, 7])(
  'takes %j for no UUID',
  (text) => expect(isUuid(text)).toBe(false),
)
