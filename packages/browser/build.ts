// Builds the script-tag files: the core with the names and hashes of its later parts baked in, so that a page
// that pins the core by its own hash pins everything.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { type MinifyOptions, minify } from 'terser'
import { build } from 'tsup'
import { INTERNAL_NAMES } from './internal-names.ts'
import type { BakedPart, PartName } from './src/script-tag/load-part.ts'

const root = fileURLToPath(new URL('.', import.meta.url))
const dist = join(root, 'dist')
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }

/** A file of the script-tag build, as `dist/manifest.json` lists it. */
export interface BuiltFile {
  /** Stable name, for example `helloagain.js`. */
  name: string
  /** Name with a hash of the content: immutable. */
  file: string
  /** Subresource Integrity hash. */
  sri: string
  bytes: number
  gzipBytes: number
  /** What the core knows of a part. Shorter than `sri`, because hashes do not compress. */
  baked: BakedPart
}

interface Bundle {
  entry: string
  name: string
  global?: string
  define?: Record<string, string>
  /** Whether the names of INTERNAL_NAMES are shortened; not where data has keys of the same name. */
  hasShortNames?: boolean
}

/** Short names by long ones, the same in every file: the parts hand objects to each other. */
const shortNames: Record<string, string | false> = {}

const terserOptions: MinifyOptions = {
  ecma: 2020,
  // Each file is strict as a module is, and reading a property of ours does nothing else. What a part puts on the
  // window is read by the core: unlike a module's own names, it stays.
  compress: {
    ...{ passes: 3, ecma: 2020, keep_fargs: false, module: true, pure_getters: true },
    top_retain: /^HelloAgain_/,
  },
  // A page in another character set, served a script without one, must read the same letters.
  format: { ecma: 2020, ascii_only: true },
}

async function bundle({ entry, name, global, hasShortNames, define = {} }: Bundle): Promise<BuiltFile> {
  const outDir = join(dist, '.script-tag')
  await build({
    config: false,
    silent: true,
    entry: { [name]: join(root, entry) },
    outDir,
    format: ['iife'],
    platform: 'browser',
    target: 'es2020',
    minify: true,
    splitting: false,
    define,
    tsconfig: join(root, 'tsconfig.json'),
    outExtension: () => ({ js: '.js' }),
    ...(global ? { globalName: global } : {}),
    esbuildOptions(options) {
      if (!hasShortNames) return
      options.mangleProps = new RegExp(`^(?:${INTERNAL_NAMES.join('|')})$`)
      options.mangleCache = shortNames
    },
    esbuildPlugins: [
      {
        name: 'keep-short-names',
        setup: ({ onEnd }) => onEnd(({ mangleCache }) => void Object.assign(shortNames, mangleCache)),
      },
    ],
  })
  const { code } = await minify(readFileSync(join(outDir, `${name}.js`), 'utf8'), terserOptions)
  const content = Buffer.from(`${code}\n`)
  const digest = (kind: 'sha256' | 'sha384', encoding: 'base64' | 'hex') =>
    createHash(kind).update(content).digest(encoding)
  const hash = digest('sha256', 'hex').slice(0, 12)
  const file = `${name}.${hash}.js`
  for (const target of [`${name}.js`, file]) writeFileSync(join(dist, target), content)
  return {
    name: `${name}.js`,
    file,
    sri: `sha384-${digest('sha384', 'base64')}`,
    baked: [hash, `sha256-${digest('sha256', 'base64')}`],
    bytes: content.length,
    gzipBytes: gzipSync(content, { level: 9 }).length,
  }
}

mkdirSync(dist, { recursive: true })
const part = (name: PartName, options: Partial<Bundle>): Promise<BuiltFile> =>
  bundle({
    ...{ entry: `src/${name}-part.ts`, name: `helloagain-${name}`, global: `HelloAgain_${name}` },
    ...options,
  })
const core = (parts: Partial<Record<PartName, BakedPart>>): Promise<BuiltFile> =>
  bundle({
    entry: 'src/script-tag/core.ts',
    name: 'helloagain',
    hasShortNames: true,
    define: { __PARTS__: JSON.stringify(parts), __VERSION__: JSON.stringify(version) },
  })
// For its names alone, so that the core has the shortest; it is built again when the hashes of its parts are known.
await core({})
for (const file of readdirSync(dist)) {
  if (/^(helloagain|ums-enhanced).*\.[0-9a-f]{12}\.js$/.test(file)) rmSync(join(dist, file))
}
// One after the other, so that each takes over the short names of those before.
const probes = await part('probes', {})
// Without short names: what it tells has a `count`.
const errors = await part('errors', {})
const extras = await part('extras', { hasShortNames: true })
const delivery = await part('delivery', { hasShortNames: true })
const debug = await part('debug', { hasShortNames: true })
const later = { debug: debug.baked, delivery: delivery.baked, errors: errors.baked, probes: probes.baked }
const session = await part('session', {
  entry: 'src/script-tag/session.ts',
  hasShortNames: true,
  define: { __LATER__: JSON.stringify(later) },
})
const finished = await core({ extras: extras.baked, session: session.baked })
const enhanced = existsSync(join(root, 'src/ums-enhanced.ts'))
  ? [await bundle({ entry: 'src/ums-enhanced.ts', name: 'ums-enhanced-fingerprint' })]
  : []
rmSync(join(dist, '.script-tag'), { recursive: true })
const files = [finished, session, delivery, extras, probes, errors, debug, ...enhanced].map(
  ({ baked: _, ...listed }) => listed,
)
writeFileSync(join(dist, 'manifest.json'), `${JSON.stringify({ version, files }, null, 2)}\n`)
