import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

/** A library that observes browsers, as a script for a page: `observe()` resolves with what it made of this one. */
export interface Observer {
  readonly name: string
  readonly script: string
}

const source = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url))

/** Rivals are asked as their own documentation shows, without telemetry. */
const OBSERVERS = [
  { name: 'Hello Again', file: 'hello-again' },
  { name: '@fingerprintjs/fingerprintjs', file: 'fingerprintjs' },
  { name: '@thumbmarkjs/thumbmarkjs', file: 'thumbmarkjs' },
] as const

async function bundle(file: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(`observers/${file}.ts`, import.meta.url))],
    alias: {
      '@helloagain/protocol': source('protocol/src/index.ts'),
      '@helloagain/recognition': source('recognition/src/index.ts'),
    },
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2020',
    write: false,
    logLevel: 'error',
  })
  return outputFiles[0]?.text ?? ''
}

/** Ours from its sources first, then the others with their versions. */
export function bundleObservers(): Promise<Observer[]> {
  const { devDependencies } = JSON.parse(readFileSync(source('bench/package.json'), 'utf8')) as {
    devDependencies: Readonly<Record<string, string>>
  }
  return Promise.all(
    OBSERVERS.map(async ({ name, file }) => {
      const version = devDependencies[name]
      return { name: version ? `${name} ${version}` : name, script: await bundle(file) }
    }),
  )
}
