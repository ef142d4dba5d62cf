import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const run = promisify(execFile)
const MODULE = fileURLToPath(new URL('young-memory.ts', import.meta.url))

// Makes objects that live for a while, as those of requests do, until V8 has let the space grow as far as it goes.
const PROGRAM = `
import { getHeapSpaceStatistics } from 'node:v8'
import { boundYoungMemory } from ${JSON.stringify(MODULE)}
if (process.argv[1] === 'bound') boundYoungMemory(1)
let kept = []
for (let round = 0; round < 100; round += 1) {
  for (let made = 0; made < 60_000; made += 1) kept.push({ made, round: [made] })
  kept = kept.slice(-60_000)
  await new Promise((resolve) => setTimeout(resolve, 5))
}
console.log(getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space').space_size / 2 ** 20)
`

const youngMiB = async (mode: string) => {
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', PROGRAM, mode])
  return Number(stdout)
}

it('keeps the space for young objects at half of what it would grow to, or less', async () => {
  const [free, bound] = await Promise.all([youngMiB('free'), youngMiB('bound')])
  expect(bound).toBeLessThanOrEqual(free / 2)
})
