import cliProgress from 'cli-progress'
import type { Progress } from '../platform/storage/backup/progress.ts'
import type { Terminal } from './terminal.ts'

/** A bar where there is a screen, else a line as each piece of work begins. */
export function createProgress({ screen, print }: Terminal): Progress {
  if (!screen)
    return { begin: (what) => print(`${what} …`), advanceTo: () => undefined, end: () => undefined }
  let bar: cliProgress.SingleBar | undefined
  return {
    begin(what, total) {
      bar = new cliProgress.SingleBar(
        { format: `${what} {bar} {percentage}% | {eta_formatted} left`, stream: screen, hideCursor: true },
        cliProgress.Presets.shades_classic,
      )
      bar.start(total, 0)
    },
    advanceTo: (value) => bar?.update(value),
    end() {
      // What is measured may have grown or shrunk meanwhile.
      bar?.update(bar.getTotal())
      bar?.stop()
    },
  }
}

/** Tells long work when the person at the terminal wants it to end. */
export function stopSignal({ onStop }: Terminal): AbortSignal {
  const stopping = new AbortController()
  onStop(() => stopping.abort(new Error('Stopped: nothing was changed.')))
  return stopping.signal
}
