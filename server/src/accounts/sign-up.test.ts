import { beforeEach, describe, expect, it } from 'vitest'
import {
  type AccountTest,
  type AccountWorld,
  createBrowser,
  EMAIL,
  openAccountTest,
  PASSWORD,
  site,
  siteOf,
} from '../testing/account-world.ts'
import { createAccounts } from './service.ts'

let test: AccountTest
let world: AccountWorld
beforeEach(async () => {
  test = await openAccountTest()
  world = test.world
})
const browser = (where = site) => createBrowser(world, where)
describe('sign-up', () => {
  const document001 = {
    email: 'user@example.com',
    firstName: 'John',
    age: '25-30',
    gender: 'Male',
    profession: 'Student',
    country: 'United States',
    city: 'New York',
    household: '1 person',
    ctaVariant: 'A',
  }

  it('takes the body of document 001, which has no password, and links the session with all it told', async () => {
    const john = browser()
    const { user, session, userData } = await john.signUp(document001)
    expect(user).toMatchObject({ email: 'user@example.com', emailVerifiedAtMs: null })
    expect(session).toMatchObject({
      userId: user.id,
      convertedUser: user.id,
      convertedAtMs: world.clock.atMs,
    })
    const { ctaVariant, ...told } = document001
    expect(userData).toEqual(told)
    expect(await world.accounts.userAttributes(site.id, user.id)).toEqual(told)
    expect((await world.store.findUser(site.id, user.id))?.ctaVariant).toBe(ctaVariant)
    expect(world.promoted).toEqual([session.visitorId])
    expect(await world.tokens.verify(site, john.accessToken())).toMatchObject({
      kind: 'user',
      userId: user.id,
    })
  })

  it('keeps the proven session of this browser, with what it knows', async () => {
    const known = world.room.open(site.id)
    const ada = browser()
    ada.jar.session = known.secret
    const { session } = await ada.signUp({ email: EMAIL, password: PASSWORD })
    expect(session.sessionId).toBe(known.session.sessionId)
  })

  it('takes no session id that is not proven: fixation at sign-up fails (Keycloak CVE-2026-7507)', async () => {
    const planted = world.room.open(site.id)
    const victim = browser()
    const { session } = await victim.signUp(
      { email: EMAIL, password: PASSWORD },
      { sessionId: planted.session.sessionId },
    )
    expect(session.sessionId).not.toBe(planted.session.sessionId)
    expect(planted.session.userId).toBeNull()
  })

  it('R46 does the same work and gives the same answer for known and unknown addresses', async () => {
    await test.verifiedUser()
    const shapes = []
    for (const email of [EMAIL, 'nobody@example.com']) {
      const queries: string[] = []
      const spied = new Proxy(world.store, {
        get(target, name, receiver) {
          queries.push(String(name))
          return Reflect.get(target, name, receiver)
        },
      })
      world.work.hashes = 0
      world.work.verifies = 0
      const accounts = createAccounts({ ...world.parts, store: spied })
      const answer = await accounts.signUp(browser().caller(), { email, password: PASSWORD })
      const { user } = answer
      shapes.push({
        keys: Object.keys(answer),
        verified: user.emailVerifiedAtMs,
        work: { ...world.work },
        queries,
      })
    }
    expect(shapes[0]).toEqual(shapes[1])
    expect(shapes[0]?.work).toEqual({ hashes: 1, verifies: 0 })
  })

  it('makes one user of a form that is sent again, and changes nothing of it', async () => {
    const ada = browser()
    const first = await ada.signUp({ email: EMAIL, password: PASSWORD, firstName: 'Ada', username: 'ada' })
    const again = await ada.signUp({
      email: 'ADA@example.com',
      password: PASSWORD,
      firstName: 'Eve',
      username: 'ada',
    })
    expect(again.user.id).toBe(first.user.id)
    expect(again.session.sessionId).toBe(first.session.sessionId)
    expect(again.userData).toMatchObject({ firstName: 'Ada' })
  })

  it.each([
    ['another address', { email: 'bob@example.com', password: PASSWORD }],
    ['another password', { email: EMAIL, password: `${PASSWORD}!` }],
    ['no password', { email: EMAIL }],
  ])('gives a second sign-up with %s a user and a fresh session of its own', async (_what, second) => {
    const shared = browser()
    const ada = await shared.signUp({ email: EMAIL, password: PASSWORD, firstName: 'Ada' })
    const other = await shared.signUp(second)
    expect(other.user.id).not.toBe(ada.user.id)
    expect(other.session.sessionId).not.toBe(ada.session.sessionId)
    expect(other.session.visitorId).not.toBe(ada.session.visitorId)
    expect(other.userData).toEqual({ email: second.email })
    expect(await world.accounts.userAttributes(site.id, ada.user.id)).toMatchObject({ firstName: 'Ada' })
  })

  it('never lets two people who sign up in one browser at the same instant share a session', async () => {
    const known = world.room.open(site.id)
    const shared = browser()
    shared.jar.session = known.secret
    const people = ['ada', 'bob', 'eve'].map((name) =>
      world.accounts.signUp(shared.caller(), {
        email: `${name}@example.com`,
        password: PASSWORD,
        firstName: name,
      }),
    )
    const signedUp = await Promise.all(people)
    expect(new Set(signedUp.map(({ session }) => session.visitorId)).size).toBe(3)
    expect(signedUp.map(({ userData }) => userData.firstName)).toEqual(['ada', 'bob', 'eve'])
  })

  it('is no log-in without a password after the moment in which forms repeat themselves', async () => {
    const shared = browser()
    const { user } = await shared.signUp(document001)
    world.clock.atMs += 11 * 60_000
    expect((await shared.signUp(document001)).user.id).not.toBe(user.id)
  })

  it('refuses a user name that is taken on this site, in any case', async () => {
    await browser().signUp({ email: EMAIL, username: 'Ada.L' })
    await expect(browser().signUp({ email: 'x@example.com', username: 'ada.l' })).rejects.toMatchObject({
      code: 'accounts.username_taken',
      status: 409,
    })
    await browser(siteOf('another')).signUp({ email: EMAIL, username: 'ada.l' })
  })

  it('R6 holds the person’s own words against the password', async () => {
    const signUp = browser().signUp({ email: EMAIL, firstName: 'Augusta', password: 'my augusta password' })
    await expect(signUp).rejects.toMatchObject({ code: 'accounts.password_personal', status: 422 })
  })
})
