import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, dirname, join } from 'node:path'
import { chromium } from '@playwright/test'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

type Find = () => string | undefined

function findInstalled(path: string): string | undefined {
  const onPath = NAMES.flatMap((name) => path.split(delimiter).map((folder) => join(folder, name)))
  return [chromium.executablePath(), ...onPath].find((candidate) => existsSync(candidate))
}

function run(command: string, args: string[]): void {
  // To stderr: what a config file prints on stdout would end up in Playwright's report.
  spawnSync(command, args, { stdio: ['ignore', 2, 2], timeout: 10 * 60_000 })
}

function installWithPlaywright(): void {
  const playwright = dirname(createRequire(import.meta.url).resolve('@playwright/test/package.json'))
  run(process.execPath, [join(playwright, 'cli.js'), 'install', '--with-deps', 'chromium'])
}

/**
 * The browser the environment names, else Playwright's own, else the first on the PATH, else one installed now.
 *
 * @throws Error when none can be had; the message says what to do.
 */
export function findChromium({ PATH = '', PLAYWRIGHT_CHROMIUM_PATH }: NodeJS.ProcessEnv): string {
  // Taken at its word: a wrong path must fail, not fall back to another browser.
  if (PLAYWRIGHT_CHROMIUM_PATH) return PLAYWRIGHT_CHROMIUM_PATH

  const find: Find = () => findInstalled(PATH)
  const installs = [installWithPlaywright, () => run('apt-get', ['install', '-y', 'chromium'])]
  let found = find()
  for (const install of installs) {
    if (found) break
    install()
    found = find()
  }
  if (found) return found
  throw new Error(
    'No Chromium, and none could be installed: set PLAYWRIGHT_CHROMIUM_PATH to one, or run "npx playwright install --with-deps chromium".',
  )
}
