// Runs the dependency rules, and fails if the cruiser saw suspiciously little: with a TypeScript it
// cannot load it cruises nothing and reports success.
import { spawnSync } from 'node:child_process'

const MIN_MODULES = 300
const FOLDERS = ['packages/protocol/src', 'packages/recognition/src', 'packages/browser/src', 'server/src']

const { stdout, stderr, status } = spawnSync(
  'node_modules/.bin/depcruise',
  [...FOLDERS, '--config', '.dependency-cruiser.cjs', '--output-type', 'json'],
  { encoding: 'utf8', maxBuffer: 2 ** 28 },
)
if (!stdout) throw new Error(stderr || `depcruise exited with ${status}`)

const { summary } = JSON.parse(stdout)
for (const { rule, from, to } of summary.violations) console.error(`${rule.name}: ${from} -> ${to}`)
console.log(`${summary.totalCruised} modules, ${summary.violations.length} violations`)
if (summary.totalCruised < MIN_MODULES || summary.violations.length > 0) process.exit(1)
