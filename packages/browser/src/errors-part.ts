import { installErrorCapture } from './errors/capture-errors.ts'
import type { CaptureErrorsOptions } from './errors/error-payload.ts'
import type { Uninstall } from './interceptors/uninstall.ts'

type Track = Parameters<typeof installErrorCapture>[0]

const capturing = new WeakMap<Uninstall[], Uninstall>()

/**
 * Captures the page's errors for a client, once however often it is asked.
 *
 * @param undos what the client undoes when it is closed; empty once it is
 */
export function captureErrors(
  track: Track,
  undos: Uninstall[],
  options?: CaptureErrorsOptions | true,
): Uninstall {
  if (undos.length === 0) return () => undefined
  const running = capturing.get(undos)
  if (running) return running
  const uninstall = installErrorCapture(track, options === true ? {} : (options ?? {}), window)
  const undo = (): void => {
    capturing.delete(undos)
    uninstall()
  }
  capturing.set(undos, undo)
  undos.push(undo)
  return undo
}
