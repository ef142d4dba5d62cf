import type { Manifest } from './manifest.ts'
import type { Progress } from './progress.ts'

export interface RestoreOptions {
  /** Of the backup, which was verified. */
  readonly path: string
  readonly manifest: Manifest
  /** Whether data that is there may go. */
  readonly isReplacing: boolean
  readonly progress: Progress
  readonly signal: AbortSignal
}

/** @throws Error that says how to go on, when there is data that may not go */
export function checkReplacing(isHeld: boolean, isReplacing: boolean): void {
  if (isHeld && !isReplacing) {
    throw new Error(
      'There is a database already: nothing was changed. To lose what it holds and have the backup instead, add --replace.',
    )
  }
}
