import { Worker } from 'node:worker_threads'
import type { LearningJob, LearningReport } from './learning-job.ts'
import type { PopulationJob, PopulationReport } from './population-job.ts'
import type { WorldJob, WorldReport } from './world-job.ts'

export type Job = LearningJob | PopulationJob | WorldJob
/** What each kind of job answers with. */
export interface Reports {
  readonly learning: LearningReport
  readonly population: PopulationReport
  readonly world: WorldReport
}
export type Report = { [Kind in keyof Reports]: { kind: Kind; report: Reports[Kind] } }[keyof Reports]

function runJob(job: Job): Promise<Report> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('worker.ts', import.meta.url), { workerData: job })
    worker.once('message', resolve)
    worker.once('error', reject)
    worker.once('exit', (code) =>
      reject(new Error(`The worker for ${JSON.stringify(job)} ended with ${code}.`)),
    )
  })
}

/** Runs jobs, so many at a time, and answers in their order. The first failure ends it. */
export async function runJobs(jobs: readonly Job[], atOnce: number): Promise<Report[]> {
  const reports: Report[] = []
  let ended = 0
  const waiting = jobs.entries()
  async function work(): Promise<void> {
    for (const [index, job] of waiting) {
      const name = Object.values(job).join(' ')
      console.error(`running ${name} …`)
      const startedAtMs = performance.now()
      reports[index] = await runJob(job)
      ended += 1
      const seconds = Math.round((performance.now() - startedAtMs) / 1000)
      console.error(`… ${name} took ${seconds} s; ${ended} of ${jobs.length} done`)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  return reports
}
