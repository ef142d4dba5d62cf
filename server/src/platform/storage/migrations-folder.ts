import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Where the migrations of an engine lie: beside `src` in the workspace, beside `dist` in the package. */
export function migrationsFolder(engine: 'postgres' | 'sqlite'): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'migrations', engine))) {
    const parent = dirname(folder)
    if (parent === folder) throw new Error(`No migrations for ${engine}: the package is incomplete.`)
    folder = parent
  }
  return join(folder, 'migrations', engine)
}
