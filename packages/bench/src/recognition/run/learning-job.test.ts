import { expect, it } from 'vitest'
import { readFigures } from '../../../../recognition/src/linkage/read-figures.ts'
import { startWeights } from '../../../../recognition/src/linkage.ts'
import { runLearningJob } from './learning-job.ts'
import { wrongWeights } from './wrong-weights.ts'

it('holds a site’s figures against the truth of the very visits that it tried itself on', async () => {
  const { live, truth, traffic, version } = await runLearningJob({
    ...{ kind: 'learning', name: 'tune-enthusiasts-3d', weights: 'published', browsers: 20 },
  })
  expect(live.trials).toBeGreaterThan(0)
  expect(truth.visits).toBe(live.trials)
  expect(traffic.visits).toBeGreaterThan(3 * truth.visits)
  // Twenty browsers are too few to judge by: neither are figures told, nor weights learned.
  expect([live.precision, version]).toEqual([null, 1])
}, 120_000)

it.each(['bold', 'timid'] as const)('spoils rates ten times and twins more: %s', (wrong) => {
  const [right, spoilt] = [readFigures(startWeights()), readFigures(wrongWeights(wrong))]
  const factorOf = (name: 'gpuRenderer' | 'gpuVendor') =>
    (spoilt.drift[name]?.[0]?.[1] ?? 0) / (right.drift[name]?.[0]?.[1] ?? 1)
  expect([factorOf('gpuRenderer'), factorOf('gpuVendor')].sort()).toEqual([
    expect.closeTo(0.1),
    expect.closeTo(10),
  ])
  expect(spoilt.drift.gpuRenderer?.[0]?.[0]).toBe(right.drift.gpuRenderer?.[0]?.[0])
  const twins = (spoilt.twins['windows']?.[2] ?? 0) / (right.twins['windows']?.[2] ?? 1)
  expect(Math.abs(Math.log10(twins))).toBeGreaterThan(1)
})
