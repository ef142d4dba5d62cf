#!/usr/bin/env node
import { runCli } from './cli.ts'

// The one door to the process: everything else is handed what it needs.
const code = await runCli(process.argv.slice(2), {
  // biome-ignore lint/style/noProcessEnv: the only reader of the environment
  env: process.env,
  print: (line) => void process.stdout.write(`${line}\n`),
  complain: (line) => void process.stderr.write(`${line}\n`),
  screen: process.stderr.isTTY ? process.stderr : undefined,
  onStop(listener) {
    process.on('SIGTERM', listener)
    process.on('SIGINT', listener)
  },
  exitNow: (exitCode) => process.exit(exitCode),
})
// Not process.exit: lines on their way to a pipe would be lost.
process.exitCode = code
