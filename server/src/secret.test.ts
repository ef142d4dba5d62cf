import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { readOrCreateSecret, secretFile } from './secret.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'secret-'))
})
afterEach(() => rm(folder, { recursive: true }))

it('W5 makes a secret of 256 bits at the first start, with mode 0600, and keeps it', async () => {
  const data = join(folder, 'a', 'data')
  const secret = await readOrCreateSecret(data, undefined)
  expect(Buffer.from(secret, 'base64url')).toHaveLength(32)
  expect((await stat(secretFile(data))).mode & 0o777).toBe(0o600)
  expect((await stat(data)).mode & 0o777).toBe(0o700)
  expect(await readOrCreateSecret(data, undefined)).toBe(secret)
})

it('agrees on one secret when many start at once, and leaves no draft behind', async () => {
  const secrets = await Promise.all(Array.from({ length: 20 }, () => readOrCreateSecret(folder, undefined)))
  expect(new Set(secrets).size).toBe(1)
  expect(await readdir(folder)).toEqual(['session-secret'])
})

it('takes the configured secret and writes no file', async () => {
  expect(await readOrCreateSecret(folder, 'configured')).toBe('configured')
  expect(await readdir(folder)).toEqual([])
})

it.skipIf(process.platform === 'win32')(
  'W5 refuses a file that others can read, and says what to do',
  async () => {
    const secret = await readOrCreateSecret(folder, undefined)
    await chmod(secretFile(folder), 0o644)
    const attempt = readOrCreateSecret(folder, undefined)
    await expect(attempt).rejects.toMatchObject({ name: 'ConfigError' })
    await expect(attempt).rejects.toThrow(/chmod 600/)
    await expect(attempt).rejects.not.toThrow(secret)
  },
)

it('refuses a damaged file instead of making another secret', async () => {
  await writeFile(secretFile(folder), 'cut', { mode: 0o600 })
  await expect(readOrCreateSecret(folder, undefined)).rejects.toThrow(/damaged/)
  expect(await readFile(secretFile(folder), 'utf8')).toBe('cut')
})
