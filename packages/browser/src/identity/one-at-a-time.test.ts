import { expect, it } from 'vitest'
import { runAlone } from './one-at-a-time.ts'

it('runs at once where there are no locks', async () => {
  expect(await runAlone({ navigator: {} }, 'a', { work: async () => 1 })).toBe(1)
})

it('runs without a lock where the browser refuses one, and only once', async () => {
  let runs = 0
  const refusing = {
    request: async () => {
      throw new DOMException('', 'SecurityError')
    },
  } as unknown as LockManager
  await runAlone({ navigator: { locks: refusing } }, 'a', {
    async work() {
      runs += 1
    },
  })
  expect(runs).toBe(1)
})

it('passes on what the work itself throws, without a second run', async () => {
  let runs = 0
  const granting = { request: (_name: string, work: () => unknown) => work() } as unknown as LockManager
  const failing = runAlone({ navigator: { locks: granting } }, 'a', {
    async work() {
      runs += 1
      throw new Error('broken')
    },
  })
  await expect(failing).rejects.toThrow('broken')
  expect(runs).toBe(1)
})

it('runs what is given instead where there are no locks', async () => {
  const work = async () => 'alone'
  expect(await runAlone({ navigator: {} }, 'a', { work, without: async () => 'leased' })).toBe('leased')
})
