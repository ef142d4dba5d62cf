// The heavier runs: the same property tests with far more cases. `pnpm test` stays quick.
import { spawnSync } from 'node:child_process'

const { status } = spawnSync('node_modules/.bin/vitest', ['run', 'fuzz', 'property'], {
  stdio: 'inherit',
  env: { ...process.env, FUZZ_RUNS: '20000' },
})
process.exit(status ?? 1)
