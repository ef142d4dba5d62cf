// Runs in a thread of its own; see calibrate-aside.ts.
import { parentPort, workerData } from 'node:worker_threads'
import { calibrate } from '@helloagain/recognition/linkage'
import type { Calibration } from './calibrate-aside.ts'

// What the one who started this thread handed it.
const { weights, trials } = workerData as Calibration
parentPort?.postMessage(calibrate(weights, trials))
