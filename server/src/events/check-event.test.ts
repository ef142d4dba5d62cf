import { MAX_PAYLOAD_BYTES } from '@helloagain/protocol'
import { eventInputSchema, isoInstant } from '@helloagain/protocol/schemas'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { propertyRuns } from '../../../tools/property-runs.ts'
import { checkEvent, isFault, isTooLarge, parseInstant } from './check-event.ts'

/** The schema drops this key where we refuse it (the cases below name it). */
const isAboutPrototypes = (text: string) => text.includes('__proto__')
const isTaken = (event: unknown) => !isFault(checkEvent(event))
const bySchema = (event: unknown) => eventInputSchema.safeParse(event).success

/** Mostly right, often nearly right, sometimes anything: so that both verdicts are common. */
const nearly = <T>(right: fc.Arbitrary<T>, ...wrong: fc.Arbitrary<unknown>[]) =>
  fc.oneof({ arbitrary: right, weight: 6 }, ...wrong)

const anyEvent = fc.record(
  {
    eventId: nearly(
      fc.uuid(),
      fc.string(),
      fc.constant(null),
      fc.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/),
    ),
    seq: nearly(
      fc.nat(),
      fc.double(),
      fc.integer(),
      fc.constantFrom(2 ** 31 - 1, 2 ** 31, 2 ** 53, '1', null),
    ),
    eventType: nearly(
      fc.stringMatching(/^[A-Z][A-Z0-9_]{0,63}$/),
      fc.string(),
      fc.stringMatching(/^[A-Z_0-9]{0,70}$/),
      fc.constantFrom(null, 1, 'PAGE_VIEW\n', 'Page_View'),
    ),
    payload: nearly(
      fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue({ maxDepth: 9 }) as fc.Arbitrary<unknown>, {
        maxKeys: 4,
      }),
      fc.jsonValue() as fc.Arbitrary<unknown>,
      fc.record({ text: fc.string({ unit: fc.constantFrom('\0', '\ud800', '\udc00', 'a') }) }),
    ),
    timestamp: nearly(
      fc
        .date({ noInvalidDate: true, min: new Date(0), max: new Date('9999-12-31') })
        .map((date) => date.toISOString()),
      fc.string(),
      fc.constantFrom('2026-02-30T00:00:00Z', '2026-01-01T00:00:00+02:00', '2026-01-01', 1, null),
    ),
  },
  { requiredKeys: [] },
)

describe('checkEvent', () => {
  it('agrees with the schema about every event', () => {
    fc.assert(
      fc.property(anyEvent, (given) => {
        const text = JSON.stringify(given)
        fc.pre(!isAboutPrototypes(text))
        // As it comes from the wire.
        const sent: unknown = JSON.parse(text)
        expect(isTaken(sent)).toBe(bySchema(sent))
      }),
      { numRuns: propertyRuns(2000) },
    )
  })

  it('agrees with the schema about anything that is JSON, and never throws', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 12 }), (text) => {
        fc.pre(!isAboutPrototypes(text))
        const sent: unknown = JSON.parse(text)
        expect(isTaken(sent)).toBe(bySchema(sent))
      }),
      { numRuns: propertyRuns(500) },
    )
  })

  it.each([
    [{}, 'event.type_invalid', 'eventType'],
    [{ eventType: 'page_view' }, 'event.type_invalid', 'eventType'],
    [{ eventType: 'A'.repeat(65) }, 'event.type_invalid', 'eventType'],
    [{ eventType: 'A', eventId: 'x' }, 'event.id_invalid', 'eventId'],
    [{ eventType: 'A', seq: -1 }, 'event.invalid', 'seq'],
    [{ eventType: 'A', seq: 2 ** 31 }, 'event.invalid', 'seq'],
    [{ eventType: 'A', timestamp: 'now' }, 'event.timestamp_invalid', 'timestamp'],
    [{ eventType: 'A', payload: [] }, 'event.payload_invalid', 'payload'],
    [{ eventType: 'A', payload: null }, 'event.payload_invalid', 'payload'],
    [{ eventType: 'A', payload: { a: ['\0'] } }, 'event.payload_invalid', 'payload.a.0'],
    [{ eventType: 'A', payload: { a: { b: '\ud800' } } }, 'event.payload_invalid', 'payload.a.b'],
    [{ eventType: 'A', payload: { a: { '\udfff': 1 } } }, 'event.payload_invalid', 'payload.a'],
    [
      JSON.parse('{"eventType":"A","payload":{"a":{"__proto__":1}}}'),
      'event.payload_invalid',
      'payload.a.__proto__',
    ],
    [
      JSON.parse('{"eventType":"A","payload":{"__proto__":{}}}'),
      'event.payload_invalid',
      'payload.__proto__',
    ],
    [JSON.parse('{"eventType":"A","__proto__":{}}'), 'event.invalid', '__proto__'],
    [null, 'event.invalid', ''],
    [[], 'event.invalid', ''],
    ['A', 'event.invalid', ''],
  ])('names what is wrong with %j: %s at %j', (given, code, path) => {
    expect(checkEvent(given)).toMatchObject({ code, issue: { path, message: expect.any(String) } })
  })

  it('takes depth 8 and refuses depth 9', () => {
    const nested = (depth: number): unknown => (depth === 0 ? 1 : { in: nested(depth - 1) })
    expect(isTaken({ eventType: 'A', payload: nested(8) })).toBe(true)
    expect(isTaken({ eventType: 'A', payload: nested(9) })).toBe(false)
  })
})

describe('parseInstant', () => {
  it('agrees with the schema and with Date', () => {
    for (const text of [
      '2026-01-01T00:00:00.000Z',
      '2026-01-01T00:00:00Z',
      '2026-01-01T00:00Z',
      '2026-01-01T00:00:00.123456789Z',
      '2026-01-01T00:00:00+05:30',
      '2024-02-29T00:00:00.000Z',
      '2026-02-29T00:00:00.000Z',
      '2026-01-01T24:00:00.000Z',
      '2026-01-01 00:00:00Z',
      '2026-01-01T00:00:00',
      'Thu, 01 Jan 2026 00:00:00 GMT',
      '+010000-01-01T00:00:00.000Z',
      '0000-01-01T00:00:00.000Z',
      '',
      '1',
    ]) {
      const isRight = isoInstant.safeParse(text).success && !Number.isNaN(Date.parse(text))
      expect([text, parseInstant(text)]).toEqual([text, isRight ? Date.parse(text) : undefined])
    }
  })
})

describe('isTooLarge', () => {
  it('counts bytes of UTF-8', () => {
    const json = (text: string) => JSON.stringify({ a: text })
    const room = MAX_PAYLOAD_BYTES - json('').length
    expect(isTooLarge(json('a'.repeat(room)))).toBe(false)
    expect(isTooLarge(json('a'.repeat(room + 1)))).toBe(true)
    expect(isTooLarge(json('é'.repeat(room / 2)))).toBe(false)
    expect(isTooLarge(json('é'.repeat(room / 2 + 1)))).toBe(true)
  })
})
