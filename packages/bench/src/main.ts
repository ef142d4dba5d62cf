// `pnpm bench` prints one table; `pnpm bench <part> …` some parts; `--write` also renews them in docs/benchmarks.md.
import { benchDelivery } from './delivery/delivery.bench.ts'
import { benchGrowth, benchPostgresGrowth } from './ingest/growth.bench.ts'
import { benchIngest } from './ingest/ingest.bench.ts'
import { benchMemory } from './ingest/memory.bench.ts'
import { benchPostgres } from './ingest/postgres.bench.ts'
import { benchSessions } from './ingest/sessions.bench.ts'
import { benchStart } from './ingest/start.bench.ts'
import { type Finding, renderTable } from './measure.ts'
import { benchMiddleware } from './middleware/middleware.bench.ts'
import { keepFindings, writePage } from './page.ts'
import { benchSdk } from './sdk/sdk.bench.ts'

/** In the order of the page. */
const PARTS: Readonly<Record<string, () => Promise<Finding[]>>> = {
  sdk: benchSdk,
  middleware: benchMiddleware,
  delivery: benchDelivery,
  ingest: benchIngest,
  'ingest-postgres': benchPostgres,
  sessions: benchSessions,
  start: benchStart,
  memory: benchMemory,
  growth: benchGrowth,
  'growth-postgres': benchPostgresGrowth,
}
/** Many minutes each: measured only when they are named. */
const LONG = new Set(['delivery', 'growth', 'growth-postgres', 'memory'])

const wanted = process.argv.slice(2).filter((word) => !word.startsWith('--'))
const unknown = wanted.filter((name) => !(name in PARTS))
if (unknown.length > 0) {
  console.error(`No such part: ${unknown.join(', ')}. There are: ${Object.keys(PARTS).join(', ')}.`)
  process.exit(2)
}

const isAsked = (name: string) => (wanted.length > 0 ? wanted.includes(name) : !LONG.has(name))
const isWritten = process.argv.includes('--write')
const findings: Finding[] = []
for (const [name, bench] of Object.entries(PARTS)) {
  if (!isAsked(name)) continue
  console.error(`measuring ${name} …`)
  const found = await bench()
  // At once: an hour's work is not lost to a fault in the part after it.
  if (isWritten) keepFindings(name, found)
  findings.push(...found)
}
console.log(renderTable(findings))
if (isWritten) writePage(Object.keys(PARTS))
