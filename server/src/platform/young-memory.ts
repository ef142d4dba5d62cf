import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'

// Two halves of 16 MB, Node's own limit up to version 22. Version 24 lets them grow to 64 MB each under load, which
// made the server 130 MB larger (packages/bench).
const ENOUGH_BYTES = 32 * 2 ** 20
const LOOK_EVERY_MS = 250

const youngBytes = () =>
  getHeapSpaceStatistics().find((space) => space.space_name === 'new_space')?.space_size ?? 0

/**
 * Lets the space for young objects grow to what is enough and no further. A flag of the command line would do the
 * same, for those who know it; V8 reads this one whenever the space would grow. Answers how to stop.
 *
 * @param lookEveryMs for tests, which do not want to wait
 */
export function boundYoungMemory(lookEveryMs = LOOK_EVERY_MS): () => void {
  const timer = setInterval(() => {
    if (youngBytes() < ENOUGH_BYTES) return
    clearInterval(timer)
    setFlagsFromString('--semi-space-growth-factor=1')
  }, lookEveryMs).unref()
  return () => clearInterval(timer)
}
