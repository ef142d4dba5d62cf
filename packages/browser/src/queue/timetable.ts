type TimerScope = Pick<Window, 'clearTimeout' | 'setTimeout'>

/** One appointment: the earliest that was asked for. */
export interface Timetable {
  schedule(delayMs: number): void
  cancel(): void
  isEmpty(): boolean
}

export function createTimetable(
  scope: TimerScope,
  { nowMs, work }: { nowMs(): number; work(): void },
): Timetable {
  let timer: number | undefined
  let dueAtMs = Infinity
  function cancel(): void {
    scope.clearTimeout(timer)
    dueAtMs = Infinity
  }
  return {
    schedule(delayMs) {
      const atMs = nowMs() + delayMs
      // One that is overdue slept with the device, or the clock was set: it may still be hours away.
      if (atMs >= dueAtMs && dueAtMs >= nowMs()) return
      cancel()
      dueAtMs = atMs
      timer = scope.setTimeout(() => {
        dueAtMs = Infinity
        work()
      }, delayMs)
    },
    cancel,
    isEmpty: () => dueAtMs === Infinity,
  }
}
