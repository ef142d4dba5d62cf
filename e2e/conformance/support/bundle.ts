import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** The page's script, from the sources, so that no stale build is judged. */
export async function bundlePageEntry(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [here('page-entry.ts')],
    alias: { '@helloagain/protocol': here('../../../packages/protocol/src/index.ts') },
    bundle: true,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    write: false,
  })
  return outputFiles[0]?.text ?? ''
}
