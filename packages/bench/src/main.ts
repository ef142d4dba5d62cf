// `pnpm bench` prints one table; `pnpm bench <name>` one part; `--write` also renews docs/benchmarks.md.
import { writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'
import { benchIngest } from './ingest/ingest.bench.ts'
import { type Finding, renderMarkdown, renderTable } from './measure.ts'
import { benchMiddleware } from './middleware/middleware.bench.ts'
import { benchSdk } from './sdk/sdk.bench.ts'

const PARTS: Readonly<Record<string, () => Promise<Finding[]>>> = {
  sdk: benchSdk,
  middleware: benchMiddleware,
  ingest: benchIngest,
}

const wanted = process.argv.slice(2).filter((word) => !word.startsWith('--'))
const unknown = wanted.filter((name) => !(name in PARTS))
if (unknown.length > 0) {
  console.error(`No such part: ${unknown.join(', ')}. There are: ${Object.keys(PARTS).join(', ')}.`)
  process.exit(2)
}

const findings: Finding[] = []
for (const [name, bench] of Object.entries(PARTS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  console.error(`measuring ${name} …`)
  findings.push(...(await bench()))
}
console.log(renderTable(findings))

if (process.argv.includes('--write')) {
  const machine = `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.versions.node}`
  const page = `# Benchmarks

Written by \`pnpm bench --write\`, never by hand. Ratios are of one run, medians of alternating rounds; absolute figures
belong to this machine: ${machine}.

${renderMarkdown(findings)}
`
  writeFileSync(fileURLToPath(new URL('../../../docs/benchmarks.md', import.meta.url)), page)
}
