/** Lets asynchronous work have one thing to itself, in the order of asking. */
export interface Turns {
  take<T>(work: () => Promise<T> | T): Promise<T>
}

export function createTurns(): Turns {
  let last: Promise<unknown> = Promise.resolve()
  return {
    take(work) {
      const turn = last.then(work)
      last = turn.catch(() => undefined)
      return turn
    },
  }
}
