import { fileURLToPath } from 'node:url'
import { build, type Plugin } from 'esbuild'

// Beside the server's dependencies and migrations, which a bundle finds from where it lies.
const FOLDER = fileURLToPath(new URL('../../../../server/node_modules/.bench/', import.meta.url))
const file = (name: string) => fileURLToPath(new URL(name, import.meta.url))

type Program = 'fill.ts' | 'ours.ts' | 'postgres-ceiling.ts' | 'sqlite-ceiling.ts'

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
 * Bundles a program of this folder with the server's sources, as the server is built for its users: a process that
 * strips types itself needs more memory, and longer to start. Answers where it lies.
 *
 * @param commits `one by one` leaves out the group commit
 */
export async function bundleServer(
  name: Program,
  commits: 'one by one' | 'together' = 'together',
): Promise<string> {
  const program = name.replace('.ts', commits === 'together' ? '' : '-one-by-one')
  await build({
    entryPoints: { [program]: file(name) },
    outdir: FOLDER,
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
  return `${FOLDER}${program}.mjs`
}
