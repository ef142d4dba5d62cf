import { z } from 'zod'

/** Goes up when an older program could no longer restore what is written. */
const FORMAT = 1
export const MANIFEST_NAME = 'manifest.json'

const count = z.int().nonnegative()
const digest = z.strictObject({ bytes: count, sha256: z.string().regex(/^[0-9a-f]{64}$/) })

/** The last entry of a backup: what it holds and what must be found in it. */
const manifestSchema = z.strictObject({
  format: z.literal(FORMAT),
  /** Of the program that wrote it. */
  version: z.string(),
  engine: z.enum(['postgres', 'sqlite']),
  /** When it was begun, ISO 8601; what was answered before is in it. */
  madeAt: z.iso.datetime(),
  /** The newest step of the schema it was made at. */
  level: z.strictObject({ name: z.string(), madeAtMs: count }),
  /** In an order that satisfies foreign keys. */
  tables: z.array(z.strictObject({ name: z.string(), rows: count })),
  /** Of PostgreSQL: the parts of tables that are split, by their bounds as the database spells them. */
  partitions: z.array(z.strictObject({ table: z.string(), name: z.string(), bound: z.string() })),
  /** Whether the secret is in it, was left out, or came from SESSION_SECRET, which no backup can hold. */
  secret: z.enum(['environment', 'included', 'left-out']),
  /** Every other entry of the file. */
  entries: z.record(z.string(), digest),
})

export type Manifest = z.output<typeof manifestSchema>
/** What an engine tells of its part. */
export type DatabasePart = Pick<Manifest, 'engine' | 'level' | 'partitions' | 'tables'>
export type Digest = Manifest['entries'][string]
export type Digests = ReadonlyMap<string, Digest>

export function writeManifest(contents: Omit<Manifest, 'entries' | 'format'>, entries: Digests): Buffer {
  const manifest: Manifest = { format: FORMAT, ...contents, entries: Object.fromEntries(entries) }
  return Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`)
}

/** @throws Error in words for a person */
export function readManifest(json: string): Manifest {
  const value: unknown = JSON.parse(json)
  const { format } = (value ?? {}) as { format?: unknown }
  if (typeof format === 'number' && format > FORMAT) {
    throw new Error(
      `it has format ${format}, and this program knows formats up to ${FORMAT}: use a newer one`,
    )
  }
  const parsed = manifestSchema.safeParse(value)
  if (!parsed.success) throw new Error(`its ${MANIFEST_NAME} is not as it was written`)
  return parsed.data
}

/** @throws Error in words for a person, when an entry is missing, new or not as it was written */
export function checkEntries({ entries }: Manifest, found: Digests): void {
  for (const [name, { bytes, sha256 }] of Object.entries(entries)) {
    const entry = found.get(name)
    if (entry === undefined) throw new Error(`${name} is missing in it`)
    if (entry.bytes !== bytes || entry.sha256 !== sha256) throw new Error(`${name} is not as it was written`)
  }
  for (const name of found.keys()) {
    if (!Object.hasOwn(entries, name)) throw new Error(`${name} does not belong in it`)
  }
}
