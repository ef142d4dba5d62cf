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
  const outfile = `${FOLDER}${name.replace('.ts', commits === 'together' ? '' : '-one-by-one')}.mjs`
  await build({
    entryPoints: [file(name)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    packages: 'external',
    logLevel: 'error',
    plugins: commits === 'together' ? [] : [replacing(/\/group-commit\.ts$/, 'one-by-one.ts')],
  })
  return outfile
}
