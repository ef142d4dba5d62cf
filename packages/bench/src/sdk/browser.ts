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

/**
 * A headless Chromium of this machine.
 *
 * @param flags besides those that every bench starts it with
 * @throws Error that says how to name one
 */
export async function launchChromium(flags: readonly string[] = []): Promise<Browser> {
  const { PLAYWRIGHT_CHROMIUM_PATH, PATH = '' } = process.env
  const onPath = NAMES.flatMap((name) => PATH.split(delimiter).map((folder) => join(folder, name)))
  const executablePath = PLAYWRIGHT_CHROMIUM_PATH ?? onPath.find((path) => existsSync(path))
  if (!executablePath) throw new Error('No Chromium: set PLAYWRIGHT_CHROMIUM_PATH to one.')
  return chromium.launch({ executablePath, args: [...FLAGS, ...flags] })
}
