import { expect, it } from 'vitest'
import { createSlices } from './slice.ts'

it('waits for idle time, and no longer than its patience', async () => {
  const asked: unknown[] = []
  const requestIdleCallback = ((work: () => void, options: unknown) => {
    asked.push(options)
    work()
    return 1
  }) as Window['requestIdleCallback']
  await createSlices({ requestIdleCallback, setTimeout: () => asked.push('timer') }, 20)()
  expect(asked).toEqual([{ timeout: 20 }])
})

it('yields to the browser where there is no idle callback', async () => {
  let yields = 0
  const scheduler = { yield: async () => void yields++ }
  await createSlices({ scheduler, setTimeout: () => expect.unreachable() }, 20)()
  expect(yields).toBe(1)
})

it('takes the next turn of the loop where there is neither', async () => {
  const delays: number[] = []
  const setTimeout = (work: () => void, delayMs: number) => {
    delays.push(delayMs)
    work()
  }
  await createSlices({ setTimeout }, 20)()
  expect(delays).toEqual([0])
})
