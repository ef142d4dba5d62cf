import { calibrate, startWeights } from '@helloagain/recognition/linkage'
import { expect, it } from 'vitest'
import { calibrateAside } from './calibrate-aside.ts'

it('comes to the same in a thread of its own', async () => {
  const weights = startWeights()
  expect(await calibrateAside(weights, [])).toEqual(calibrate(weights, []))
})

it('says so when the thread fails', async () => {
  const broken = { prepared: null, right: 0 } as never // as a damaged row would be
  await expect(calibrateAside(startWeights(), [broken])).rejects.toThrow()
})
