import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome']
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
]

/** What is told where there is none. */
export const NO_CHROMIUM = 'no Chromium on this machine: set PLAYWRIGHT_CHROMIUM_PATH'

/** A Chromium of this machine; undefined where there is none. */
export function findChromium(): string | undefined {
  const { PLAYWRIGHT_CHROMIUM_PATH, PATH = '' } = process.env
  const onPath = NAMES.flatMap((name) => PATH.split(delimiter).map((folder) => join(folder, name)))
  const paths = PLAYWRIGHT_CHROMIUM_PATH ? [PLAYWRIGHT_CHROMIUM_PATH] : onPath
  return paths.find((path) => existsSync(path))
}

/**
 * A headless Chromium of this machine.
 *
 * @param flags besides those that every bench starts it with
 * @throws Error that says how to name one
 */
export async function launchChromium(flags: readonly string[] = []): Promise<Browser> {
  const executablePath = findChromium()
  if (!executablePath) throw new Error(NO_CHROMIUM)
  return chromium.launch({ executablePath, args: [...FLAGS, ...flags] })
}
