import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url))

export interface CommandRun {
  /** Where it runs; `./data` lies in it. */
  readonly folder: string
  readonly env?: Readonly<Record<string, string>>
  /** @default `src/main.ts` */
  readonly program?: string
}

export interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

function start(args: readonly string[], { folder, env = {}, program = MAIN }: CommandRun): ChildProcess {
  // Nothing of this process's environment: a DATABASE_URL of the developer's must not be written to.
  return spawn(process.execPath, [program, ...args], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
}

function gather(child: ChildProcess): { out: string; err: string } {
  const text = { out: '', err: '' }
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    text.out += chunk
  })
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    text.err += chunk
  })
  return text
}

/** Test support: runs `helloagain` as people do, as a process of its own, to its end. */
export async function runCommand(args: readonly string[], run: CommandRun): Promise<Ended> {
  const child = start(args, run)
  const text = gather(child)
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, ...text }
}

export interface Served {
  readonly url: string
  readonly publishableKey: string
  readonly child: ChildProcess
  /** All that was written so far. */
  text(): { readonly out: string; readonly err: string }
  /** Sends a signal, unless it has ended, and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<Ended>
}

/** Test support: `helloagain serve` on a free port, once it has told its address. */
export async function startServe(run: CommandRun, args: readonly string[] = []): Promise<Served> {
  const child = start(['serve', '--port', '0', ...args], run)
  const text = gather(child)
  const ended = once(child, 'close') as Promise<[number | null]>
  const told = new Promise<void>((resolve) => {
    child.stdout?.on('data', () => {
      if (text.out.includes('</script>')) resolve()
    })
  })
  await Promise.race([told, ended])
  const url = /listens on (http:\S+)/.exec(text.out)?.[1]
  if (url === undefined) throw new Error(`serve ended before it listened:\n${text.out}${text.err}`)
  return {
    url,
    publishableKey: /pk_[A-Za-z0-9_-]+/.exec(text.out)?.[0] ?? '',
    child,
    text: () => ({ ...text }),
    async stop(signal = 'SIGTERM') {
      if (child.exitCode === null) child.kill(signal)
      const [code] = await ended
      return { code, ...text }
    },
  }
}
