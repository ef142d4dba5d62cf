// Builds the script-tag files: the core with the names and hashes of its later parts baked in, so that a page
// that pins the core by its own hash pins everything.
import { createHash } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'tsup'

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
}

interface Bundle {
  entry: string
  name: string
  global?: string
  define?: Record<string, string>
}

async function bundle({ entry, name, global, define = {} }: Bundle): Promise<BuiltFile> {
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
  })
  const built = join(outDir, `${name}.js`)
  const content = readFileSync(built)
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 12)
  const file = `${name}.${hash}.js`
  copyFileSync(built, join(dist, `${name}.js`))
  copyFileSync(built, join(dist, file))
  return {
    name: `${name}.js`,
    file,
    sri: `sha384-${createHash('sha384').update(content).digest('base64')}`,
    bytes: content.length,
    gzipBytes: gzipSync(content, { level: 9 }).length,
  }
}

mkdirSync(dist, { recursive: true })
for (const file of readdirSync(dist)) {
  if (/^(helloagain|ums-enhanced).*\.[0-9a-f]{12}\.js$/.test(file)) rmSync(join(dist, file))
}
const parts = {
  probes: { entry: 'src/probes-part.ts', name: 'helloagain-probes', global: 'HelloAgainProbes' },
  extras: { entry: 'src/extras-part.ts', name: 'helloagain-extras', global: 'HelloAgainExtras' },
}
const probes = await bundle(parts.probes)
const extras = await bundle(parts.extras)
const bake = ({ file, sri }: BuiltFile, { global }: { global: string }) => ({ file, sri, global })
const core = await bundle({
  entry: 'src/script-tag/core.ts',
  name: 'helloagain',
  define: {
    __PARTS__: JSON.stringify({ probes: bake(probes, parts.probes), extras: bake(extras, parts.extras) }),
    __VERSION__: JSON.stringify(version),
  },
})
const enhanced = existsSync(join(root, 'src/ums-enhanced.ts'))
  ? [await bundle({ entry: 'src/ums-enhanced.ts', name: 'ums-enhanced-fingerprint' })]
  : []
rmSync(join(dist, '.script-tag'), { recursive: true })
writeFileSync(
  join(dist, 'manifest.json'),
  `${JSON.stringify({ version, files: [core, extras, probes, ...enhanced] }, null, 2)}\n`,
)
