import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

/** A library that observes browsers, as a script for a page: `observe()` resolves with what it made of this one. */
export interface Observer {
  readonly name: string
  readonly script: string
}

const source = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url))

/** Each puts `observe` on the window; rivals are asked as their own documentation shows, without telemetry. */
const ENTRIES = [
  {
    name: 'Hello Again',
    code: `import { observeFingerprint } from ${JSON.stringify(source('browser/src/probes.ts'))}
globalThis.observe = () => observeFingerprint({ salt: 'bench', timeBoundMs: 5000 })`,
  },
  {
    name: '@fingerprintjs/fingerprintjs',
    code: `import { load } from '@fingerprintjs/fingerprintjs'
globalThis.observe = async () => {
  const agent = await load({ monitoring: false })
  const { visitorId, confidence } = await agent.get()
  return { hash: visitorId, confidence: confidence.score }
}`,
  },
  {
    name: '@thumbmarkjs/thumbmarkjs',
    code: `import { Thumbmark } from '@thumbmarkjs/thumbmarkjs'
globalThis.observe = async () => {
  const { thumbmark } = await new Thumbmark({ logging: false }).get()
  return { hash: thumbmark }
}`,
  },
] as const

async function bundle(code: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: source('bench'), loader: 'ts' },
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
    ENTRIES.map(async ({ name, code }) => {
      const version = devDependencies[name]
      return { name: version ? `${name} ${version}` : name, script: await bundle(code) }
    }),
  )
}
