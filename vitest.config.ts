import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url))

export default defineConfig({
  resolve: {
    // Tests read the sources, so that they never judge a stale build.
    alias: {
      '@helloagain/browser/testing': source('packages/browser/src/testing/testing.ts'),
      '@helloagain/browser': source('packages/browser/src/index.ts'),
      'vitest-environment-page': source('packages/browser/samples/page-environment.ts'),
      '@helloagain/protocol/schemas': source('packages/protocol/src/schemas.ts'),
      '@helloagain/protocol': source('packages/protocol/src/index.ts'),
      '@helloagain/recognition/linkage': source('packages/recognition/src/linkage.ts'),
      '@helloagain/recognition': source('packages/recognition/src/index.ts'),
      '@helloagain/server': source('server/src/index.ts'),
    },
  },
  test: {
    include: ['{packages/*,server,tools}/**/*.test.ts', 'e2e/alongside/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    // biome-ignore lint/style/noProcessEnv: how thorough a run is differs by run; see tools/property-runs.ts.
    provide: { propertyFactor: Number(process.env.PROPERTY_FACTOR ?? 1) },
    globalSetup: ['server/src/platform/storage/postgres/throwaway-server.ts'],
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
})
