import type { RecognitionOptions } from '../arguments.ts'
import type { Finding } from '../measure.ts'
import { benchPairs } from './pairs/pairs.bench.ts'

/** Every bar of recognition, against its rivals in the same run. */
export async function benchRecognition(options: RecognitionOptions): Promise<Finding[]> {
  return [...benchPairs(options.pairs)]
}
