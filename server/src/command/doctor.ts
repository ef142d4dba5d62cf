import type { Command } from 'commander'
import type { Runner } from './run.ts'
import type { Terminal } from './terminal.ts'

const MARK = { ok: 'ok   ', warning: 'WARN ', fault: 'FAULT' } as const

/** `doctor`: looks at everything a server needs, changes nothing, says what to do. */
export function addDoctorCommand(program: Command, runBare: Runner['runBare'], { print }: Terminal): void {
  const doctor = program.command('doctor').description('look for what is wrong here, and say what to do')
  runBare(doctor, async (env) => {
    const { runChecks } = await import('./doctor-checks.ts')
    const findings = await runChecks(env)
    for (const { state, what, remedy } of findings) {
      print(`${MARK[state]}  ${what}`)
      if (remedy !== undefined) print(`         -> ${remedy}`)
    }
    const faults = findings.filter(({ state }) => state === 'fault').length
    print(faults === 0 ? 'Nothing is wrong.' : `${faults} ${faults === 1 ? 'thing is' : 'things are'} wrong.`)
    return faults === 0 ? 0 : 1
  })
}
