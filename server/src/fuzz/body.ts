import fc from 'fast-check'

/** The parts of a JSON schema that contracts are written in. */
interface Schema {
  readonly type?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
}

const ODD = fc.constantFrom<unknown>(
  ...[null, true, '', ' ', '\u0000', '\ud800', '__proto__', -0, -1, 1e308, 2 ** 53, 0.1, [], {}, [[[]]]],
  ...['9'.repeat(400), 'é'.repeat(3000), '../../etc/passwd', "' OR 1=1 --", '2026-02-30T25:61:00Z'],
)

/** Ids that come again and again, so that requests meet each other. */
export const IDS = Array.from({ length: 8 }, (_, index) => `0190a0b0-c0d0-7000-8000-00000000000${index}`)

const text = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.constantFrom(...IDS, 'PAGE_VIEW', 'default', 'ada@example.com', 'korrekt pferd batterie'),
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
)

const anyObject = fc.dictionary(text, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 4 })
const SCALARS: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  string: text,
  integer: fc.integer(),
  number: fc.double(),
  boolean: fc.boolean(),
}

/** Values that fit a schema, as far as its types go. */
function fitting(schema: Schema, depth: number): fc.Arbitrary<unknown> {
  const choices = schema.anyOf ?? schema.oneOf ?? []
  if (schema.const !== undefined) return fc.constant(schema.const)
  if (schema.enum?.length) return fc.constantFrom(...schema.enum)
  if (depth === 0) return ODD
  if (choices.length > 0) return fc.oneof(...choices.map((choice) => wrong(choice, depth - 1)))
  if (schema.type === 'array') return fc.array(wrong(schema.items ?? {}, depth - 1), { maxLength: 4 })
  return SCALARS[schema.type ?? ''] ?? objectFor(schema, depth)
}

function objectFor({ properties, required = [] }: Schema, depth: number): fc.Arbitrary<unknown> {
  if (properties === undefined) return anyObject
  const fields = Object.entries(properties).map(([name, field]) => {
    const value = wrong(field, depth - 1)
    return [name, required.includes(name) ? value : fc.option(value, { nil: undefined })] as const
  })
  // JSON leaves out what is undefined.
  return fc.record(Object.fromEntries(fields))
}

/** Fits most of the time, and is odd now and then, at any depth. */
function wrong(schema: Schema, depth: number): fc.Arbitrary<unknown> {
  return fc.oneof({ arbitrary: fitting(schema, depth), weight: 12 }, { arbitrary: ODD, weight: 1 })
}

const mostly = <T>(usual: fc.Arbitrary<T>) =>
  fc.oneof({ arbitrary: usual as fc.Arbitrary<unknown>, weight: 40 }, { arbitrary: ODD, weight: 1 })
const time = fc.constant(undefined).map(() => new Date().toISOString())

const event = fc.record({
  eventId: mostly(fc.oneof(fc.constantFrom(...IDS), fc.uuid({ version: 7 }))),
  eventType: mostly(fc.constantFrom('PAGE_VIEW', 'A', 'purchase')),
  payload: mostly(fc.dictionary(text, fc.jsonValue({ maxDepth: 3, noUnicodeString: true }), { maxKeys: 4 })),
  timestamp: mostly(time),
  seq: mostly(fc.nat(1000)),
})
/** The lane of events has no schema: it is read by hand. */
const envelope = fc.oneof(
  event,
  fc.record({
    events: mostly(fc.array(mostly(event), { minLength: 1, maxLength: 4 })),
    sentAt: mostly(time),
    // JSON leaves out what is undefined.
    consent: mostly(fc.constant(undefined)),
  }),
)

const HUGE = [
  '['.repeat(50_000),
  `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`,
  JSON.stringify({ events: Array.from({ length: 3000 }, () => ({ eventType: 'A', payload: {} })) }),
  JSON.stringify({ payload: { text: 'x'.repeat(900_000) }, eventType: 'A' }),
  ' '.repeat(1_048_577),
  '{"eventType":"A","eventType":"B","__proto__":{"a":1},"constructor":{"prototype":1}}',
  '\ufeff{}',
  '{"a":1e999,"b":-0,"c":"\\ud800"}',
]

/** Bodies for a route, from right to wild. @param schema JSON schema; absent for the lane of events */
export function bodyFor(schema: unknown): fc.Arbitrary<Buffer> {
  // What zod writes: only the words of `Schema` are looked at.
  const meant = schema === undefined ? envelope : wrong(schema as Schema, 4)
  return fc.oneof(
    { arbitrary: meant.map((value) => Buffer.from(JSON.stringify(value) ?? '')), weight: 16 },
    { arbitrary: fc.json({ maxDepth: 3 }).map((json) => Buffer.from(json)), weight: 3 },
    { arbitrary: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)), weight: 2 },
    { arbitrary: fc.constantFrom(...HUGE).map((json) => Buffer.from(json)), weight: 1 },
  )
}
