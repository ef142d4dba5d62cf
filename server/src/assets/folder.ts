import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * Where the browser files lie: the SDK's own build in the workspace, so that a rebuild shows at once, and
 * `public` in the installed package.
 */
export function assetsFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  // The folder of this package, from src/assets as from dist.
  while (!existsSync(join(folder, 'migrations')) && dirname(folder) !== folder) folder = dirname(folder)
  const sdk = join(folder, '..', 'packages', 'browser')
  return existsSync(join(sdk, 'package.json')) ? join(sdk, 'dist') : join(folder, 'public')
}

const REQUIRED = [
  'helloagain.js',
  'helloagain-session.js',
  'helloagain-delivery.js',
  'helloagain-extras.js',
  'helloagain-errors.js',
  'helloagain-probes.js',
  'helloagain-debug.js',
  'manifest.json',
  'ums-enhanced-fingerprint.js',
]

/** Browser files that are not there; empty when the SDK is built. */
export const findMissingAssets = (folder: string): string[] =>
  REQUIRED.filter((name) => !existsSync(join(folder, name)))
