import { setTimeout as sleep } from 'node:timers/promises'

/** Of all time, at most this part goes into a job's work. */
const WORK_SHARE = 1 / 3

/** Gives way after a step that took as long as this. Resolves early when the signal says so. */
export const giveWay = (tookMs: number, signal: AbortSignal): Promise<void> =>
  sleep(tookMs * (1 / WORK_SHARE - 1), undefined, { signal }).catch(() => undefined)
