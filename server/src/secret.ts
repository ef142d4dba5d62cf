import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { copyFile, link, mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ConfigError } from './config.ts'

/** Where the secret lies that the server made itself. */
export const secretFile = (dataFolder: string): string => join(dataFolder, 'session-secret')

const hasCode = (error: unknown, code: string) =>
  error instanceof Error && (error as NodeJS.ErrnoException).code === code

/**
 * What is wrong with a secret file, in one line; undefined when nothing is.
 *
 * @throws ENOENT when there is none
 */
export async function findSecretFault(path: string): Promise<string | undefined> {
  const { mode } = await stat(path)
  // Windows keeps no such bits.
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
    const octal = (mode & 0o777).toString(8)
    return `${path} can be read by others (mode ${octal}); run: chmod 600 ${path}`
  }
  const length = (await readFile(path, 'utf8')).trim().length
  return length >= 32 ? undefined : `${path} is damaged; restore it from a backup, or set SESSION_SECRET`
}

async function readSecret(path: string): Promise<string> {
  const fault = await findSecretFault(path)
  if (fault !== undefined) throw new ConfigError([`SESSION_SECRET: ${fault}`])
  return (await readFile(path, 'utf8')).trim()
}

/** Puts a whole file in place, unless one is there: nobody ever reads half a secret. */
async function placeOnce(path: string, text: string): Promise<void> {
  const draft = `${path}.${randomBytes(8).toString('hex')}`
  const file = await open(draft, 'wx', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  try {
    await link(draft, path).catch((error: unknown) => {
      if (hasCode(error, 'EEXIST')) throw error
      // Some mounted folders know no hard links.
      return copyFile(draft, path, constants.COPYFILE_EXCL)
    })
  } catch (error) {
    // Another process was first: its secret counts.
    if (!hasCode(error, 'EEXIST')) throw error
  } finally {
    await rm(draft, { force: true })
  }
}

/**
 * The server's secret: the configured one, or the one in the data folder, which is made at the first start
 * with mode 0600 (SECURITY.md W5). Processes that start at once agree on one.
 *
 * @throws ConfigError when the file can be read by others or is damaged
 */
export async function readOrCreateSecret(
  dataFolder: string,
  configured: string | undefined,
): Promise<string> {
  if (configured !== undefined) return configured
  const path = secretFile(dataFolder)
  try {
    return await readSecret(path)
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error
  }
  await mkdir(dataFolder, { recursive: true, mode: 0o700 })
  await placeOnce(path, `${randomBytes(32).toString('base64url')}\n`)
  return readSecret(path)
}

/** Puts the secret of a backup in place of the one there is, if any. */
export async function replaceSecret(dataFolder: string, secret: Buffer): Promise<void> {
  const path = secretFile(dataFolder)
  const draft = `${path}.${randomBytes(8).toString('hex')}`
  await mkdir(dataFolder, { recursive: true, mode: 0o700 })
  try {
    await writeFile(draft, secret, { flag: 'wx', mode: 0o600, flush: true })
    await rename(draft, path)
  } finally {
    await rm(draft, { force: true })
  }
}
