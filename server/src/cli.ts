import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { addBackupCommand } from './command/backup.ts'
import { addDoctorCommand } from './command/doctor.ts'
import { addKeyCommands } from './command/keys.ts'
import { addMigrateCommand } from './command/migrate.ts'
import { addRestoreCommand } from './command/restore.ts'
import { addRollupCommands } from './command/rollups.ts'
import { createRunner, type Run } from './command/run.ts'
import { addSiteCommands } from './command/sites.ts'
import type { Terminal } from './command/terminal.ts'

// One level up from src as from dist.
const readVersion = () =>
  (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string })
    .version

function addServeCommand(program: Command, run: Run, terminal: Terminal): void {
  const command = program
    .command('serve')
    .description('serve the API, the SDK and the pages')
    .option('--port <number>', 'as PORT; default 4400, 0 takes a free one')
    .option('--host <address>', 'as HOST; default 127.0.0.1')
  run(command, async ({ config }) => {
    // Loaded only here, so that the small commands answer at once.
    const { serve } = await import('./command/serve.ts')
    return serve(config, terminal)
  })
}

/**
 * Runs one command line of `helloagain`.
 *
 * @param args without the program's own name
 * @returns the exit code: 0 done, 1 it failed, 2 the configuration or the command line is wrong
 */
export async function runCli(args: readonly string[], terminal: Terminal): Promise<number> {
  const { run, runBare, exitCode, fail } = createRunner(terminal)
  const program = new Command('helloagain')
    .description('Recognises people who come back to a web site before they sign in.')
    .version(readVersion())
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.print(text.trimEnd()),
      writeErr: (text) => terminal.complain(text.trimEnd()),
    })
    .showHelpAfterError('(helloagain --help lists the commands)')
  addServeCommand(program, run, terminal)
  addMigrateCommand(program, run, terminal)
  addSiteCommands(program, run, terminal)
  addKeyCommands(program, run, terminal)
  addRollupCommands(program, run, terminal)
  addBackupCommand(program, run, { ...terminal, version: readVersion() })
  addRestoreCommand(program, run, terminal)
  addDoctorCommand(program, runBare, terminal)
  try {
    await program.parseAsync(args, { from: 'user' })
    return exitCode()
  } catch (error) {
    return fail(error)
  }
}
