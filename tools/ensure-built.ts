// Builds what plain `node` needs and is missing or older than its sources, so that a fresh clone runs at once:
// packages are read from their dist. Run it with names of parts, or import ensureBuilt.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Parts in the order they are built, each with the file its build writes last. */
const PARTS = {
  protocol: { folder: 'packages/protocol', built: 'dist/schemas.d.ts', after: [] },
  recognition: { folder: 'packages/recognition', built: 'dist/linkage.d.ts', after: [] },
  browser: { folder: 'packages/browser', built: 'dist/manifest.json', after: ['protocol', 'recognition'] },
  storefront: {
    folder: 'e2e/storefront',
    built: 'dist/index.html',
    after: ['protocol', 'recognition', 'browser'],
  },
} as const

export type Part = keyof typeof PARTS

const NOT_SOURCES = new Set(['dist', 'node_modules', 'test-results'])
const isTest = (name: string) => /\.(?:test|spec)\.ts$/.test(name)

function newestMs(folder: string): number {
  const times = readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => !NOT_SOURCES.has(name) && !isTest(name))
    .map((entry) => {
      const path = join(folder, entry.name)
      return entry.isDirectory() ? newestMs(path) : statSync(path).mtimeMs
    })
  return Math.max(0, ...times)
}

function isStale(part: Part): boolean {
  const { folder, built, after } = PARTS[part]
  const marker = join(root, folder, built)
  if (!existsSync(marker)) return true
  const sources = [part, ...after].map((name) => newestMs(join(root, PARTS[name].folder)))
  return Math.max(...sources) > statSync(marker).mtimeMs
}

function build(part: Part): void {
  const cwd = join(root, PARTS[part].folder)
  const { scripts } = JSON.parse(readFileSync(join(cwd, 'package.json'), 'utf8')) as {
    scripts: { build: string }
  }
  const { env } = process
  const bins = [join(cwd, 'node_modules', '.bin'), join(root, 'node_modules', '.bin')]
  const PATH = [...bins, env['PATH'] ?? ''].join(delimiter)
  // The script itself, not `pnpm run`: pnpm may be there by npx only.
  const { status, stdout, stderr } = spawnSync(scripts.build, {
    cwd,
    env: { ...env, PATH },
    shell: true,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`Building ${PARTS[part].folder} failed:\n${stdout}\n${stderr}`)
}

/** Builds the parts that are missing or stale, and says so. */
export function ensureBuilt(parts: readonly Part[], say: (line: string) => void): void {
  for (const part of parts) {
    if (!isStale(part)) continue
    say(`Building ${PARTS[part].folder} …`)
    build(part)
  }
}

const isPart = (name: string): name is Part => name in PARTS

// On standard error: standard output belongs to the command that follows.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  ensureBuilt(process.argv.slice(2).filter(isPart), console.error)
}
