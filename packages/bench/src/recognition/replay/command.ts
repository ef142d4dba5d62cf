import { renderTable } from '../../measure.ts'
import { describeScore } from '../score/describe-score.ts'
import { meanGapDays, scoreLinker, type TimedOutcome } from '../score/score-linker.ts'
import { createTeacher } from './learn-labels.ts'
import { BadVisit } from './parse-visit.ts'
import { readVisits } from './read-visits.ts'
import { createReplay } from './replay.ts'
import { openSite, type Site } from './site.ts'
import { type DecisionFile, openDecisions } from './write-decisions.ts'

export interface ReplayCommand {
  /** A recording: JSON lines, see {@link readVisits}. */
  readonly replay: string
  /** Where the decisions go. */
  readonly out: string
  /** A recording whose truth the site may learn from before. */
  readonly calibrate?: string
  /** Nothing but the signals is seen. */
  readonly isCold: boolean
}

const TOLD_EVERY_MS = 2000

/** Tells now and then on stderr how far it has come. */
function createProgress(what: string): (line: number) => void {
  let toldAtMs = performance.now()
  return (line) => {
    if (performance.now() - toldAtMs < TOLD_EVERY_MS) return
    toldAtMs = performance.now()
    console.error(`${what}: line ${line} …`)
  }
}

async function learn(site: Site, path: string, isCold: boolean): Promise<void> {
  const tell = createProgress('learning')
  const teach = createTeacher(site, { isCold })
  for await (const { line, ...visit } of readVisits(path)) {
    await teach(visit)
    tell(line)
  }
  await site.train()
  await site.forgetVisitors()
}

/** Answers a recording. Only what comes back knows the truth; the engine is handed `seen`. */
async function answer(site: Site, { replay: path, isCold }: ReplayCommand, decisions: DecisionFile) {
  const tell = createProgress('replaying')
  const replay = createReplay(site, { isCold })
  const outcomes: TimedOutcome[] = []
  for await (const { line, browser, seen } of readVisits(path)) {
    const { method, named, kept, confidence, anonymitySet, microseconds } = await replay(seen)
    await decisions.write({
      ...{ line, visitor: named ?? kept, method, confidence, anonymitySet, microseconds },
      ...(named !== undefined && named !== kept && { kept }),
    })
    tell(line)
    if (browser === undefined) continue
    const outcome = { browser, atMs: seen.atMs, kept, confidence, microseconds }
    outcomes.push(named === undefined ? outcome : { ...outcome, named })
  }
  return outcomes
}

/** `--replay`: answers a recording into a file, and scores the answers where it tells the truth. */
async function run(command: ReplayCommand): Promise<void> {
  const decisions = await openDecisions(command.out)
  try {
    const site = await openSite({ isTaughtFreely: command.calibrate !== undefined })
    try {
      if (command.calibrate !== undefined) await learn(site, command.calibrate, command.isCold)
      const outcomes = await answer(site, command, decisions)
      await decisions.keep()
      if (outcomes.length > 0) {
        console.log(
          renderTable(describeScore('this recording', scoreLinker(outcomes, meanGapDays(outcomes)))),
        )
      }
    } finally {
      await site.close()
    }
  } catch (error) {
    await decisions.discard()
    throw error
  }
}

const isSystemError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && 'code' in error && 'path' in error

/** Runs the command and answers with what the process should exit with: 2 for a file that cannot be read or written. */
export async function runReplay(command: ReplayCommand): Promise<number> {
  try {
    await run(command)
    return 0
  } catch (error) {
    if (!(error instanceof BadVisit) && !isSystemError(error)) throw error
    console.error(error.message)
    return 2
  }
}
