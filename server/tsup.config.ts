import { existsSync } from 'node:fs'
import { copyFile, mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'tsup'

const folder = fileURLToPath(new URL('.', import.meta.url))
const sdk = join(folder, '..', 'packages', 'browser', 'dist')

/** Puts the files that pages load into the package; the installed server has no workspace beside it. */
async function copyBrowserFiles(): Promise<void> {
  const target = join(folder, 'public')
  await rm(target, { recursive: true, force: true })
  const manifest = join(sdk, 'manifest.json')
  if (!existsSync(manifest))
    throw new Error('The SDK is not built: run pnpm --filter @helloagain/browser build')
  const { files } = JSON.parse(await readFile(manifest, 'utf8')) as {
    files: { name: string; file: string }[]
  }
  await mkdir(target)
  for (const name of ['manifest.json', ...files.flatMap((built) => [built.name, built.file])]) {
    await copyFile(join(sdk, name), join(target, name))
  }
}

export default defineConfig({
  entry: {
    main: 'src/main.ts',
    index: 'src/index.ts',
    // A thread of its own: found by its name beside the others.
    'calibrate-worker': 'src/recognition/calibrate-worker.ts',
  },
  format: 'esm',
  target: 'node22.18',
  // Sources of the workspace stay packages of their own.
  external: [/^@helloagain\//],
  // Hundreds of small files, of which few are used: unbundled they are half of a cold start.
  noExternal: [/^drizzle-orm/],
  dts: { entry: { index: 'src/index.ts' } },
  clean: true,
  splitting: true,
  onSuccess: copyBrowserFiles,
})
