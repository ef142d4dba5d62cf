import type { Observed } from './types.ts'

/**
 * Works something out once for each observation: it is held against many candidates, and the parts of a decision and
 * the take that follows ask for the same.
 */
export function onceEach<T>(work: (observed: Observed) => T): (observed: Observed) => T {
  const known = new WeakMap<Observed, T>()
  return (observed) => {
    const before = known.get(observed)
    if (before !== undefined) return before
    const found = work(observed)
    known.set(observed, found)
    return found
  }
}
