import { Worker } from 'node:worker_threads'
import type { TrialInput, Weights } from '@helloagain/recognition/linkage'

/** What the thread is handed. */
export interface Calibration {
  readonly weights: Weights
  readonly trials: readonly TrialInput[]
}

/** The worker lies beside this file, as a source and, by tsup's entry, in the build. */
const WORKER = new URL(
  import.meta.url.endsWith('.ts') ? './calibrate-worker.ts' : './calibrate-worker.js',
  import.meta.url,
)

/** Calibrates in a thread of its own: it takes seconds, in which visitors would wait. */
export function calibrateAside(weights: Weights, trials: readonly TrialInput[]): Promise<Weights> {
  const workerData: Calibration = { weights, trials }
  return new Promise((resolve, reject) => {
    // Flags of this process, such as --eval's, are not the thread's.
    new Worker(WORKER, { workerData, execArgv: [] })
      .once('message', resolve)
      .once('error', reject)
      .once('exit', (code) => reject(new Error(`the calibration ended with code ${code}`)))
  })
}
