import { hash as argonHash, parseOptions } from '@node-rs/argon2'
import { expect, it } from 'vitest'
import { createPasswords, DEFAULT_COSTS } from './passwords.ts'

const person = {
  email: 'marianne.curie@example.com',
  firstName: 'Zoë',
  username: 'radium-queen',
  siteName: 'default',
}
const passwords = createPasswords()
const refusal = (password: string) => {
  try {
    passwords.check(password, person)
    return 'taken'
  } catch (error) {
    return (error as { code?: string }).code
  }
}

it.each([
  ['fourteen chars', 'accounts.password_too_short'],
  ['fifteen chars!!', 'taken'],
  // Each of these is one character, though two code units.
  ['🐎🔋📎🐎🔋📎🐎🔋📎🐎🔋📎🦓🐘', 'accounts.password_too_short'],
  ['🐎🔋📎🧷🦆🌵🍄🪐🎻🧭🛶🪁🏮🦓🐘', 'taken'],
  [`${'a1b2-'.repeat(50)}xyz987`, 'taken'],
  [`${'a1b2-'.repeat(51)}xy`, 'accounts.password_too_long'],
])('R1 R2 R3 judges %s by its length in characters alone: %s', (password, outcome) => {
  expect(refusal(password)).toBe(outcome)
})

it.each([
  'passwordpassword',
  'PasswordPassword',
  'qwertyqwertyqwerty',
  'aaaaaaaaaaaaaaaaaaaa',
  'abcabcabcabcabcabc',
  '12345678901234567890',
  '98765432109876543210',
  'abcdefghijklmnopqr',
  '1qaz2wsx3edc4rfv',
])('R5 refuses %s, which an attacker tries first', (password) => {
  expect(refusal(password)).toBe('accounts.password_common')
})

it.each([
  ['the e-mail address', 'my marianne.curie 77 !'],
  ['the e-mail address without its dots', 'xx MarianneCurie xx 1'],
  ['the user name', 'long-live-the-radium-queen'],
  ['the product', 'hello again and again and'],
])('R6 refuses a password that holds %s', (_what, password) => {
  expect(refusal(password)).toBe('accounts.password_personal')
})

it('R6 does not mind words of three letters, which stand in many passwords by chance', () => {
  expect(refusal('zoë zoologische gaerten')).toBe('taken')
})

it('R4 verifies the whole password: no trim, no case change, NFKC once', async () => {
  const hash = await passwords.hash(' Straße ångström ① ')
  // Å as one character or as A with a ring, ① and 1: the same after NFKC.
  expect(await passwords.verify(hash, ' Straße a\u030angström 1 ')).toBe(true)
  expect(await passwords.verify(hash, 'Straße ångström ①')).toBe(false)
  expect(await passwords.verify(hash, ' straße ångström ① ')).toBe(false)
  const long = 'x1-'.repeat(80)
  const longHash = await passwords.hash(`${long}a`)
  expect(await passwords.verify(longHash, `${long}b`)).toBe(false)
})

it('R7 hashes with Argon2id at 19 MiB, two passes, and names them in the hash', async () => {
  const hash = await passwords.hash('korrekt pferd batterie')
  expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
  expect(parseOptions(hash)).toMatchObject(DEFAULT_COSTS)
  expect(hash).not.toBe(await passwords.hash('korrekt pferd batterie'))
})

it('R7 sees which hashes are weaker than the costs of today', async () => {
  const weaker = await argonHash('x', { memoryCost: 8192, timeCost: 2, parallelism: 1 })
  const stronger = await argonHash('x', { memoryCost: 32_768, timeCost: 3, parallelism: 1 })
  // Argon2i, by its number.
  const otherKind = await argonHash('x', { ...DEFAULT_COSTS, algorithm: 1 })
  expect(passwords.isWeaker(weaker)).toBe(true)
  expect(passwords.isWeaker(otherKind)).toBe(true)
  expect(passwords.isWeaker(stronger)).toBe(false)
  expect(passwords.isWeaker(await passwords.hash('x'))).toBe(false)
})

it('R46 hashes a decoy where there is no hash, at the costs of a real one, and never lets anybody in', async () => {
  const verified: string[] = []
  const counting = createPasswords({
    argon: {
      hash: argonHash,
      verify: async (hash) => {
        verified.push(String(hash))
        // Even if the decoy's password were guessed.
        return true
      },
    },
  })
  expect(await counting.verify(undefined, 'whatever')).toBe(false)
  expect(await counting.verify(null, 'whatever')).toBe(false)
  expect(verified).toHaveLength(2)
  expect(parseOptions(verified[0] ?? '')).toMatchObject(DEFAULT_COSTS)
})

it('R2 refuses a password over 256 characters before it is hashed, also at log-in', async () => {
  await expect(passwords.verify(undefined, 'x'.repeat(257))).rejects.toMatchObject({
    code: 'accounts.password_too_long',
  })
})

it('R9 hashes two at a time, lets some wait and refuses the rest with Retry-After', async () => {
  let running = 0
  let most = 0
  const open: (() => void)[] = []
  const slow = createPasswords({
    maxRunning: 2,
    maxWaiting: 3,
    argon: {
      verify: async () => false,
      hash: async () => {
        running += 1
        most = Math.max(most, running)
        await new Promise<void>((resolve) => open.push(resolve))
        running -= 1
        return 'hash'
      },
    },
  })
  const asked = Array.from({ length: 7 }, () => slow.hash('x'))
  const outcomes = Promise.allSettled(asked)
  await expect(asked[5]).rejects.toMatchObject({ code: 'auth.busy', retryAfterSeconds: 1 })
  await expect(asked[6]).rejects.toMatchObject({ code: 'auth.busy' })
  for (let done = 0; done < 5; done += 1) {
    while (open.length === 0) await Promise.resolve()
    open.shift()?.()
  }
  expect((await outcomes).filter(({ status }) => status === 'fulfilled')).toHaveLength(5)
  expect(most).toBe(2)
  // Everybody has left: the next one is let in.
  const next = slow.hash('x')
  while (open.length === 0) await Promise.resolve()
  open.shift()?.()
  expect(await next).toBe('hash')
})
