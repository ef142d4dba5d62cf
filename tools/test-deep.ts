// The heavier run: every test whose thoroughness differs by run, with twenty times the cases, or as many kills.
import { spawnSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'

const files = globSync('{packages,server}/**/*.test.ts', {
  exclude: ['**/node_modules/**', '**/dist/**'],
}).filter((path) => /propertyRuns\(|inject\('propertyFactor'\)/.test(readFileSync(path, 'utf8')))
if (files.length === 0) throw new Error('No such test found: the search is broken.')

const { status } = spawnSync('node_modules/.bin/vitest', ['run', '--testTimeout', '300000', ...files], {
  stdio: 'inherit',
  env: { ...process.env, PROPERTY_FACTOR: '20' },
})
process.exit(status ?? 1)
