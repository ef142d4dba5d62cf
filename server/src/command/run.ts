import { type Command, CommanderError } from 'commander'
import { type Config, ConfigError, readConfig } from '../config.ts'
import type { SiteAdmin } from '../sites/ports.ts'
import { SiteError } from '../sites/site-error.ts'
import { explainFailure } from './explain-failure.ts'
import type { Terminal } from './terminal.ts'

/** A command as its action sees it. */
interface Invocation {
  readonly config: Config
  readonly args: readonly string[]
  readonly options: Readonly<Record<string, unknown>>
  /** Opens the database for one piece of work on sites and keys. */
  withSites<T>(work: (sites: SiteAdmin) => Promise<T>): Promise<T>
}

/** Gives a command its action. A number it answers is the exit code. */
export type Run = (command: Command, action: (invocation: Invocation) => Promise<unknown>) => void

/** Exit codes: a person or the world is at fault; the configuration or the command line is. */
const FAILED = 1
const MISUSED = 2

/** Command-line options that stand for an environment variable; the option wins. */
const OPTION_OF = { port: 'PORT', host: 'HOST', data: 'DATA_DIR' } as const

function overlay(env: Terminal['env'], options: Readonly<Record<string, unknown>>): Terminal['env'] {
  const given = Object.entries(OPTION_OF).flatMap(([option, variable]) =>
    typeof options[option] === 'string' ? [[variable, options[option]]] : [],
  )
  return { ...env, ...Object.fromEntries(given) }
}

export interface Runner {
  readonly run: Run
  /** As `run`, for a command that reads the configuration itself: it reports on faults instead of dying of them. */
  readonly runBare: (command: Command, action: (env: Terminal['env']) => Promise<unknown>) => void
  /** Of the command that ran. */
  exitCode(): number
  /** The exit code of a failure, after telling the person in one clear line a fault. */
  fail(error: unknown): number
}

export function createRunner({ env, complain }: Terminal): Runner {
  let exitCode = 0
  const note = (answer: unknown) => {
    if (typeof answer === 'number') exitCode = answer
  }
  return {
    run(command, action) {
      command.option('--data <folder>', 'data folder, as DATA_DIR').action(async () => {
        const options = command.opts()
        const config = readConfig(overlay(env, options))
        const invocation = {
          config,
          args: command.args,
          options,
          // Loaded when wanted: asking for help need not wait for a database driver.
          withSites: async <T>(work: (sites: SiteAdmin) => Promise<T>) =>
            (await import('./with-sites.ts')).withSites(config, work),
        }
        note(await action(invocation))
      })
    },
    runBare(command, action) {
      command.option('--data <folder>', 'data folder, as DATA_DIR').action(async () => {
        note(await action(overlay(env, command.opts())))
      })
    },
    exitCode: () => exitCode,
    fail(error) {
      // Commander has said it already.
      if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : MISUSED
      if (error instanceof ConfigError) {
        for (const fault of error.faults) complain(fault)
        return MISUSED
      }
      complain(error instanceof SiteError ? error.message : explainFailure(error))
      return FAILED
    },
  }
}
