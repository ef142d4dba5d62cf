// The page of the samples, as `vitest-environment-jsdom` would give one: what the SDK uses of it.
import type { Environment } from 'vitest/runtime'
import { openPage } from '../src/fake-page.ts'

const SEEN = [
  'document',
  'history',
  'localStorage',
  'location',
  'origin',
  'screen',
  'sessionStorage',
  'addEventListener',
  'removeEventListener',
] as const

const environment: Environment = {
  name: 'page',
  viteEnvironment: 'ssr',
  setup(globals) {
    const page = openPage()
    const before = SEEN.map((name) => [name, Object.getOwnPropertyDescriptor(globals, name)] as const)
    for (const name of SEEN) {
      Object.defineProperty(globals, name, { value: page.scope[name], configurable: true, writable: true })
    }
    return {
      teardown() {
        for (const [name, descriptor] of before) {
          if (descriptor) Object.defineProperty(globals, name, descriptor)
          else Reflect.deleteProperty(globals, name)
        }
      },
    }
  },
}

// biome-ignore lint/style/noDefaultExport: Vitest reads an environment so.
export default environment
