// Size says a bundle grew, the forbidden names say what leaked into it. Run after a build: `pnpm size`.
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

export interface Budget {
  /** What we want: docs/benchmarks.md says whether it is reached. */
  readonly bar: number
  /** What fails the build: where a bar is missed, the file may at least not grow. */
  readonly most: number
}

const KIB = 1024
const held = (kib: number): Budget => ({ bar: kib * KIB, most: kib * KIB })

/** Bytes after gzip -9 of each script-tag file. */
const BUDGETS_GZIP_BYTES: Readonly<Record<string, Budget>> = {
  // Missed: the fetch layer, the header policy and leaving without loss are in every page from the start.
  'helloagain.js': { bar: 8 * KIB, most: 8960 },
  'helloagain-session.js': held(6),
  'helloagain-delivery.js': held(6),
  'helloagain-extras.js': held(6),
  'helloagain-errors.js': held(6),
  'helloagain-probes.js': held(8),
  'helloagain-debug.js': held(8),
}

/** What must never be in a browser: another vendor's telemetry, the server's code, what a strict CSP forbids. */
const FORBIDDEN: readonly string[] = [
  'openfpcdn',
  'm1.openfpcdn.io',
  'ZodError',
  'safeParse',
  'drizzle',
  '"node:',
  "'node:",
  'eval(',
  'new Function',
]

export interface Bundle {
  name: string
  content: string
}

/** What is wrong with the bundles, one line each; empty when all is well. */
export function listFaults(bundles: readonly Bundle[], budgets = BUDGETS_GZIP_BYTES): string[] {
  const faults = bundles.flatMap(({ name, content }) => {
    const leaked = FORBIDDEN.filter((word) => content.includes(word)).map(
      (word) => `${name} contains ${word}`,
    )
    const gzipBytes = measureGzipBytes(content)
    const most = budgets[name]?.most ?? Number.POSITIVE_INFINITY
    return gzipBytes > most
      ? [...leaked, `${name} has ${gzipBytes} bytes gzipped, ${most} are allowed`]
      : leaked
  })
  const missing = Object.keys(budgets).filter((name) => !bundles.some((bundle) => bundle.name === name))
  return [...faults, ...missing.map((name) => `${name} was not built`)]
}

export function measureGzipBytes(content: string): number {
  return gzipSync(content, { level: 9 }).length
}

/** The bundles of a build folder: the script-tag files of its manifest and the npm entry. */
export function readBundles(dist: string): Bundle[] {
  const manifest = `${dist}/manifest.json`
  if (!existsSync(manifest)) return []
  const { files } = JSON.parse(readFileSync(manifest, 'utf8')) as { files: { name: string }[] }
  return [...files.map(({ name }) => name), 'index.js', 'index.cjs']
    .filter((name) => existsSync(`${dist}/${name}`))
    .map((name) => ({ name, content: readFileSync(`${dist}/${name}`, 'utf8') }))
}

if (import.meta.main) {
  const bundles = readBundles(fileURLToPath(new URL('../packages/browser/dist', import.meta.url)))
  for (const { name, content } of bundles) {
    const bar = BUDGETS_GZIP_BYTES[name]?.bar ?? Number.POSITIVE_INFINITY
    const gzipBytes = measureGzipBytes(content)
    const verdict = gzipBytes > bar ? `, MISSES its bar of ${bar} by ${gzipBytes - bar}` : ''
    console.log(`${name}: ${gzipBytes} bytes gzipped${verdict}`)
  }
  const faults = listFaults(bundles)
  for (const fault of faults) console.error(fault)
  if (faults.length > 0) process.exit(1)
}
