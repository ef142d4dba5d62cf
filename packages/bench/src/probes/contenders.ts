import { fileURLToPath } from 'node:url'
import { bundleForPage, withVersion } from '../page-bundle.ts'

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

/** Ours from its sources. */
const SOURCES = {
  '@helloagain/protocol': source('protocol/src/index.ts'),
  '@helloagain/recognition': source('recognition/src/index.ts'),
}

/** Ours first, then the others with their versions. */
export const bundleObservers = (): Promise<Observer[]> =>
  Promise.all(
    OBSERVERS.map(async ({ name, file }) => ({
      name: withVersion(name),
      script: await bundleForPage(new URL(`observers/${file}.ts`, import.meta.url), SOURCES),
    })),
  )
