import { eventBatchEnvelopeSchema } from '@helloagain/protocol/schemas'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { propertyRuns } from '../../../tools/property-runs.ts'
import { Problem } from '../platform/http/problem.ts'
import { parseEnvelope } from './parse-envelope.ts'

function refusalOf(body: unknown): Problem | undefined {
  try {
    parseEnvelope(body)
    return undefined
  } catch (error) {
    if (error instanceof Problem) return error
    throw error
  }
}

const EVENT = { eventType: 'PAGE_VIEW' }
const nearly = <T>(right: fc.Arbitrary<T>, ...wrong: fc.Arbitrary<unknown>[]) =>
  fc.oneof({ arbitrary: right, weight: 6 }, ...wrong)

const batch = fc.record(
  {
    siteKey: nearly(
      fc.string(),
      fc.string({ minLength: 129, maxLength: 140 }),
      fc.integer(),
      fc.constant(null),
    ),
    sessionId: nearly(fc.uuid(), fc.string(), fc.constantFrom(null, 1)),
    sentAt: nearly(fc.constant('2026-01-01T00:00:00.000Z'), fc.string(), fc.constantFrom(null, 1)),
    consent: nearly(
      fc.record({ choice: fc.constantFrom('denied', 'granted', 'unset', 'maybe'), byPerson: fc.boolean() }),
      fc.jsonValue() as fc.Arbitrary<unknown>,
    ),
    events: nearly(fc.array(fc.jsonValue() as fc.Arbitrary<unknown>, { maxLength: 5 }), fc.jsonValue()),
  },
  { requiredKeys: ['events'] },
)

describe('parseEnvelope', () => {
  it('agrees with the schema about every batch', () => {
    fc.assert(
      fc.property(batch, (given) => {
        const text = JSON.stringify(given)
        // The schema drops this key where we refuse it.
        fc.pre(!text.includes('__proto__'))
        const sent: unknown = JSON.parse(text)
        expect(refusalOf(sent) === undefined).toBe(eventBatchEnvelopeSchema.safeParse(sent).success)
      }),
      { numRuns: propertyRuns(1000) },
    )
  })

  it('throws nothing but refusals, whatever the JSON', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        refusalOf(JSON.parse(text))
      }),
    )
  })

  it('takes one event with the fields of the envelope beside its own', () => {
    const sessionId = '0B0F4F3E-0000-4000-8000-00000000000A'
    expect(parseEnvelope({ ...EVENT, sessionId, sentAt: '2026-01-01T00:00:00.000Z' })).toMatchObject({
      isBatch: false,
      events: [EVENT],
      sessionId: sessionId.toLowerCase(),
      sentAtMs: Date.UTC(2026, 0, 1),
    })
  })

  it.each([
    [null, 'request.invalid', ''],
    [[EVENT], 'request.invalid', ''],
    ['text', 'request.invalid', ''],
    [{ events: {} }, 'request.invalid', 'events'],
    [{ events: [] }, 'request.invalid', 'events'],
    [{ events: Array.from({ length: 501 }, () => EVENT) }, 'event.too_many', 'events'],
    [{ events: [EVENT], sessionId: 'x' }, 'session.id_invalid', 'sessionId'],
    [{ events: [EVENT], siteKey: 1 }, 'request.invalid', 'siteKey'],
    [{ events: [EVENT], sentAt: 'now' }, 'request.invalid', 'sentAt'],
    [{ events: [EVENT], consent: { choice: 'maybe' } }, 'request.invalid', 'consent.choice'],
    [{ events: [EVENT], consent: 'granted' }, 'request.invalid', 'consent'],
    [JSON.parse('{"events":[{}],"__proto__":{"x":1}}'), 'request.invalid', '__proto__'],
  ])('names what is wrong with %j: %s at %j', (body, code, path) => {
    expect(refusalOf(body)).toMatchObject({ code, issues: [{ path }] })
  })

  it('takes five hundred events', () => {
    expect(parseEnvelope({ events: Array.from({ length: 500 }, () => EVENT) }).events).toHaveLength(500)
  })
})
