import { expect, it, vi } from 'vitest'
import { tabulateWorld } from './describe.ts'
import { runWorldJob } from './world-job.ts'

// The catalogue that worlds draw from takes seconds to load.
vi.setConfig({ testTimeout: 60_000 })

it('shows every linker the same visits, and tells of all of them', async () => {
  const report = await runWorldJob({ kind: 'world', name: 'tune-fleets-3d', sees: 'signals', browsers: 5 })
  expect(report.linkers.length).toBeGreaterThan(5)
  for (const { score } of report.linkers) {
    expect(score).toMatchObject({ visits: report.visits, returns: report.returns })
  }
  const answers = report.tiers.reduce((sum, tier) => sum + tier.answers, 0)
  expect(answers).toBe(report.visits)
  const { head, rows } = tabulateWorld(report)
  expect(rows.map(([name]) => name)).toEqual(report.linkers.map(({ name }) => name))
  for (const row of rows) expect(row).toHaveLength(head.length)
})

it('lets key and cookie tell rivals as much as us, where they are seen', async () => {
  const [blind, seeing] = [
    await runWorldJob({ kind: 'world', name: 'tune-phones-7d', sees: 'signals', browsers: 4 }),
    await runWorldJob({ kind: 'world', name: 'tune-phones-7d', sees: 'everything', browsers: 4 }),
  ]
  for (const [index, { name, score }] of seeing.linkers.entries()) {
    expect(score.all.recall, name).toBeGreaterThanOrEqual(blind.linkers[index]?.score.all.recall ?? 1)
    expect(score.all.recall, name).toBeGreaterThan(0.8)
  }
})
