import { once } from 'node:events'
import { createWriteStream, existsSync, statSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'

/** One line of a replay's answers. */
export interface DecisionLine {
  /** Of the recording, counted from 1. */
  readonly line: number
  /** Whom the answer names; for `new` and `none` the fresh visitor that the visit was kept under. */
  readonly visitor: string
  readonly method: string
  /** 0–100: how sure the answer is; for `none`, of the best candidate that was not named. */
  readonly confidence: number
  readonly anonymitySet: number
  /** Time the decision took. */
  readonly microseconds: number
  /**
   * Only where an answer is too unsure to be acted on: the fresh visitor that the visit was kept under meanwhile. Beyond
   * the format, so that every visitor an answer may name has a line it came from.
   */
  readonly kept?: string
}

/** Answers on their way to a file, which is there whole or not at all. */
export interface DecisionFile {
  write(decision: DecisionLine): Promise<void>
  /** Puts the file in its place. */
  keep(): Promise<void>
  /** Leaves nothing behind. */
  discard(): Promise<void>
}

export async function openDecisions(path: string): Promise<DecisionFile> {
  // A pipe or a terminal cannot be put in place afterwards; and it must not be replaced by a file.
  const isDirect = existsSync(path) && !statSync(path).isFile()
  const place = isDirect ? path : `${path}.part`
  const stream = createWriteStream(place)
  await once(stream, 'open')
  // Told to whoever waits for the end; without a listener it would end the process.
  const failed = once(stream, 'error').then(([error]: unknown[]) => Promise.reject(error))
  failed.catch(() => undefined)
  const end = async () => {
    stream.end()
    await Promise.race([once(stream, 'close'), failed])
  }
  return {
    async write(decision) {
      if (stream.write(`${JSON.stringify(decision)}\n`)) return
      await Promise.race([once(stream, 'drain'), failed])
    },
    async keep() {
      await end()
      if (!isDirect) await rename(place, path)
    },
    async discard() {
      stream.destroy()
      if (!isDirect) await rm(place, { force: true })
    },
  }
}
