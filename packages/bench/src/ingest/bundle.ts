import { copyFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { build, type Plugin } from 'esbuild'

// Beside the server's dependencies and migrations, which a bundle finds from where it lies.
const SERVER = fileURLToPath(new URL('../../../../server/', import.meta.url))
const FOLDER = `${SERVER}node_modules/.bench/`
const file = (name: string) => fileURLToPath(new URL(name, import.meta.url))

const PROGRAMS = {
  fill: 'fill.ts',
  /** `helloagain` itself. */
  main: '../../../../server/src/main.ts',
  ours: 'ours.ts',
  'postgres-ceiling': 'postgres-ceiling.ts',
  'sqlite-ceiling': 'sqlite-ceiling.ts',
} as const

/** Takes another file where the server asks for one of its own. */
const replacing = (asked: RegExp, given: string): Plugin => ({
  name: 'replacing',
  setup: ({ onResolve }) => void onResolve({ filter: asked }, () => ({ path: file(given) })),
})

// As in the server's own build, tsup.config.ts.
const packagesOutside: Plugin = {
  name: 'packages-outside',
  setup: ({ onResolve }) =>
    void onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
      kind === 'entry-point' || path.startsWith('drizzle-orm') ? undefined : { path, external: true },
    ),
}

/**
 * Bundles a program with the server's sources, as the server is built for its users: a process that
 * strips types itself needs more memory, and longer to start. Answers where it lies.
 *
 * @param commits `one by one` leaves out the group commit
 */
export async function bundleServer(
  name: keyof typeof PROGRAMS,
  commits: 'one by one' | 'together' = 'together',
): Promise<string> {
  const program = commits === 'together' ? name : `${name}-one-by-one`
  await build({
    entryPoints: { [program]: file(PROGRAMS[name]) },
    outdir: `${FOLDER}dist`,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    // What is loaded only when it is wanted must stay apart, or it would be loaded at once: the words of bad passwords.
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    logLevel: 'error',
    plugins:
      commits === 'together'
        ? [packagesOutside]
        : [replacing(/\/group-commit\.ts$/, 'one-by-one.ts'), packagesOutside],
  })
  // The program asks it for its version.
  await copyFile(`${SERVER}package.json`, `${FOLDER}package.json`)
  return `${FOLDER}dist/${program}.mjs`
}
