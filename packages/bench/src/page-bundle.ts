import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

/**
 * A file with all it imports, as a site would put it on a page.
 *
 * @param alias other names of modules, as esbuild takes them
 */
export async function bundleForPage(entry: URL, alias: Record<string, string> = {}): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(entry)],
    alias,
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2020',
    write: false,
    logLevel: 'error',
  })
  return outputFiles[0]?.text ?? ''
}

/** A library's name with the version that is measured; what is no package of ours keeps its name. */
export function withVersion(name: string): string {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  const { devDependencies } = JSON.parse(manifest) as { devDependencies: Readonly<Record<string, string>> }
  const version = devDependencies[name]
  return version ? `${name} ${version}` : name
}
