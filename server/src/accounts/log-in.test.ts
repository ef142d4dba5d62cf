import { hash as argonHash, verify as argonVerify } from '@node-rs/argon2'
import { beforeEach, describe, expect, it } from 'vitest'
import {
  type AccountTest,
  type AccountWorld,
  createBrowser,
  EMAIL,
  openAccountTest,
  PASSWORD,
  site,
} from '../testing/account-world.ts'
import { createPasswords } from './passwords.ts'
import { createAccounts } from './service.ts'

const INVALID = { code: 'auth.invalid_credentials', status: 401 }

let test: AccountTest
let world: AccountWorld
beforeEach(async () => {
  test = await openAccountTest()
  world = test.world
})
const browser = (where = site) => createBrowser(world, where)
describe('log-in', () => {
  it.each(['ada@example.com', 'ADA@Example.com', 'ａｄａ@example.com'])(
    'finds a verified address as %s',
    async (email) => {
      const user = await test.verifiedUser()
      const elsewhere = browser()
      const answer = await elsewhere.logIn({ email, password: PASSWORD })
      expect(answer.user.id).toBe(user.id)
      expect(answer.session.userId).toBe(user.id)
      expect(world.loggedIn).toEqual([answer.session.sessionId])
      expect(world.promoted).toContain(answer.session.visitorId)
    },
  )

  it('takes a user name as well', async () => {
    const { user } = await browser().signUp({ email: EMAIL, username: 'Ada', password: PASSWORD })
    await test.verifyAddress(user.id)
    expect((await browser().logIn({ username: 'ADA', password: PASSWORD })).user.id).toBe(user.id)
  })

  it('lets an unverified address in only from the browser that signed up', async () => {
    const ada = browser()
    const { user } = await ada.signUp({ email: EMAIL, username: 'ada', password: PASSWORD })
    for (const name of [{ email: EMAIL }, { username: 'ada' }]) {
      await expect(browser().logIn({ ...name, password: PASSWORD })).rejects.toMatchObject(INVALID)
      expect((await ada.logIn({ ...name, password: PASSWORD })).user.id).toBe(user.id)
    }
  })

  it('finds, of several who signed up with one address, the one of this browser', async () => {
    const [first, second] = [browser(), browser()]
    const { user } = await first.signUp({ email: EMAIL, password: PASSWORD })
    const other = await second.signUp({ email: EMAIL, password: PASSWORD })
    expect((await first.logIn({ email: EMAIL, password: PASSWORD })).user.id).toBe(user.id)
    expect((await second.logIn({ email: EMAIL, password: PASSWORD })).user.id).toBe(other.user.id)
  })

  it('still knows the browser that signed up after it logged out', async () => {
    const ada = browser()
    const { user } = await ada.signUp({ email: EMAIL, password: PASSWORD })
    await ada.logOut()
    expect((await ada.logIn({ email: EMAIL, password: PASSWORD })).user.id).toBe(user.id)
  })

  it('R46 costs one Argon2 and answers alike, whoever is asked for', async () => {
    await test.verifiedUser()
    await browser().signUp({ email: 'unverified@example.com', password: PASSWORD })
    const { user } = await browser().signUp({ email: 'no-password@example.com' })
    await test.verifyAddress(user.id)
    const answers = []
    for (const name of ['ada', 'unverified', 'no-password', 'nobody']) {
      Object.assign(world.work, { hashes: 0, verifies: 0 })
      const error = await browser()
        .logIn({ email: `${name}@example.com`, password: 'wrong, but long enough' })
        .catch((caught) => caught)
      answers.push({ code: error.code, status: error.status, message: error.message, ...world.work })
    }
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
    expect(answers[0]).toMatchObject({ ...INVALID, hashes: 0, verifies: 1 })
  })

  it('R44 slows guessers down more and more, known name or not', async () => {
    await test.verifiedUser()
    for (const email of [EMAIL, 'nobody@example.com']) {
      const guess = () => browser().logIn({ email, password: 'wrong, but long enough' })
      for (let tries = 0; tries < 5; tries += 1) await expect(guess()).rejects.toMatchObject(INVALID)
      const waits = []
      for (let tries = 0; tries < 12; tries += 1) {
        const { code, retryAfterSeconds } = await guess().catch((caught) => caught)
        expect(code).toBe('request.rate_limited')
        waits.push(retryAfterSeconds)
        world.clock.atMs += retryAfterSeconds * 1000
        await expect(guess()).rejects.toMatchObject(INVALID)
      }
      expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900])
    }
  })

  it('R44 counts tries of one moment before their passwords are checked', async () => {
    await test.verifiedUser()
    world.work.verifies = 0
    const guesses = Array.from({ length: 50 }, () =>
      browser()
        .logIn({ email: EMAIL, password: 'wrong, but long enough' })
        .catch((error) => error.code),
    )
    const codes = await Promise.all(guesses)
    expect(codes.filter((code) => code === INVALID.code)).toHaveLength(5)
    expect(world.work.verifies).toBe(5)
  })

  it('R44 a stranger who guesses cannot keep the owner out of the browser the account knows', async () => {
    const ada = browser()
    const { user } = await ada.signUp({ email: EMAIL, password: PASSWORD })
    await test.verifyAddress(user.id)
    await ada.logOut()
    const guess = () => browser().logIn({ email: EMAIL, password: 'wrong, but long enough' })
    for (let tries = 0; tries < 8; tries += 1) await guess().catch(() => undefined)
    await expect(browser().logIn({ email: EMAIL, password: PASSWORD })).rejects.toMatchObject({ status: 429 })
    expect((await ada.logIn({ email: EMAIL, password: PASSWORD })).user.id).toBe(user.id)
  })

  it('a right password ends the counting', async () => {
    await test.verifiedUser()
    for (let round = 0; round < 3; round += 1) {
      for (let tries = 0; tries < 4; tries += 1) {
        await expect(
          browser().logIn({ email: EMAIL, password: 'wrong, but long enough' }),
        ).rejects.toMatchObject(INVALID)
      }
      await browser().logIn({ email: EMAIL, password: PASSWORD })
    }
  })

  it('R7 hashes a weak password anew when its owner comes back', async () => {
    const user = await test.verifiedUser()
    const weak = await argonHash(PASSWORD, { memoryCost: 64, timeCost: 1, parallelism: 1 })
    const stored = await world.store.findUser(site.id, user.id)
    await world.store.replacePasswordHash(user.id, { from: stored?.passwordHash ?? '', to: weak, atMs: 0 })
    await browser().logIn({ email: EMAIL, password: PASSWORD })
    const renewed = (await world.store.findUser(site.id, user.id))?.passwordHash ?? ''
    expect(renewed).toContain('m=1024')
    await browser().logIn({ email: EMAIL, password: PASSWORD })
    expect((await world.store.findUser(site.id, user.id))?.passwordHash).toBe(renewed)
  })

  it('R9 answers 503 while too many log in, and counts that against nobody', async () => {
    await test.verifiedUser()
    const held = Promise.withResolvers<void>()
    const entered = Promise.withResolvers<void>()
    const verify = async (...input: Parameters<typeof argonVerify>) => {
      entered.resolve()
      await held.promise
      return argonVerify(...input)
    }
    const busy = createPasswords({ maxRunning: 1, maxWaiting: 0, argon: { hash: argonHash, verify } })
    const accounts = createAccounts({ ...world.parts, passwords: busy })
    const logIn = (email: string) => accounts.logIn(browser().caller(), { email, password: PASSWORD })
    const other = logIn('somebody-else@example.com').catch((error) => error.code)
    await entered.promise
    for (let tries = 0; tries < 10; tries += 1) {
      await expect(logIn(EMAIL)).rejects.toMatchObject({
        code: 'auth.busy',
        status: 503,
        retryAfterSeconds: 1,
      })
    }
    held.resolve()
    expect(await other).toBe(INVALID.code)
    expect((await logIn(EMAIL)).user.email).toBe(EMAIL)
  })

  it('gives two people on one computer sessions of their own', async () => {
    const bob = await test.verifiedUser('bob@example.com')
    const shared = browser()
    const ada = await shared.signUp({ email: EMAIL, password: PASSWORD, firstName: 'Ada' })
    const adasToken = shared.accessToken()
    const asBob = await shared.logIn({ email: 'bob@example.com', password: PASSWORD })
    expect(asBob.user.id).toBe(bob.id)
    expect(asBob.session.visitorId).not.toBe(ada.session.visitorId)
    expect(await world.room.sessions.userData(asBob.session)).toEqual({})
    const adas = await world.room.sessions.findBySessionId(site.id, ada.session.sessionId)
    expect(adas?.userId).toBe(ada.user.id)
    // R28: whose cookie was replaced is logged out.
    await expect(world.tokens.verify(site, adasToken)).rejects.toMatchObject({ code: 'auth.token_invalid' })
  })

  it('R28 opens a new login session each time; the one of this browser is over', async () => {
    await test.verifiedUser()
    const ada = browser()
    await ada.logIn({ email: EMAIL, password: PASSWORD })
    const [oldToken, oldRefresh] = [ada.accessToken(), ada.jar.refresh]
    await ada.logIn({ email: EMAIL, password: PASSWORD })
    expect(ada.jar.refresh).not.toBe(oldRefresh)
    await expect(world.tokens.verify(site, oldToken)).rejects.toMatchObject({ code: 'auth.token_invalid' })
  })

  it('P3 keeps of the device only families and a truncated address', async () => {
    await test.verifiedUser()
    const ada = browser()
    await ada.logIn({ email: EMAIL, password: PASSWORD })
    const { loginSessionId } = (await world.tokens.verify(site, ada.accessToken())) as {
      loginSessionId: string
    }
    expect(await world.store.findLoginSession(loginSessionId)).toMatchObject({
      browser: 'Firefox',
      os: 'Linux',
      ipPrefix: '192.0.2.0/24',
    })
  })
})
