// Runs one job of the recognition bench in a thread of its own, and posts what came of it.
import { parentPort, workerData } from 'node:worker_threads'
import type { Job, Report } from './jobs.ts'
import { runLearningJob } from './learning-job.ts'
import { runPopulationJob } from './population-job.ts'
import { runWorldJob } from './world-job.ts'

async function run(job: Job): Promise<Report> {
  if (job.kind === 'learning') return { kind: 'learning', report: await runLearningJob(job) }
  if (job.kind === 'population') return { kind: 'population', report: runPopulationJob(job) }
  return { kind: 'world', report: await runWorldJob(job) }
}

// jobs.ts hands over nothing else.
parentPort?.postMessage(await run(workerData as Job))
