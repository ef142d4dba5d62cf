import { describePopulation } from '../world/describe-population.ts'
import type { Statistics } from '../world/statistics.ts'
import { findWorld } from '../world/worlds.ts'

/** The statistics of a world's population, at a size studies were made at. */
export interface PopulationJob {
  readonly kind: 'population'
  readonly name: string
  readonly browsers: number
}

export interface PopulationReport {
  readonly name: string
  readonly statistics: Statistics
}

export const runPopulationJob = ({ name, browsers }: PopulationJob): PopulationReport => ({
  name,
  statistics: describePopulation(findWorld(name), browsers),
})
