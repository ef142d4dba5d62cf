import { beforeEach, describe, expect, it } from 'vitest'
import { onEveryEngine } from '../platform/storage/on-every-engine.ts'
import {
  type AccountTest,
  type AccountWorld,
  createAccountWorld,
  createBrowser,
  EMAIL,
  openAccountTest,
  PASSWORD,
  site,
  siteOf,
} from '../testing/account-world.ts'

const DAY_MS = 86_400_000
const DEAD = { code: 'auth.refresh_invalid', status: 401 }

let test: AccountTest
let world: AccountWorld
beforeEach(async () => {
  test = await openAccountTest()
  world = test.world
})
const browser = (where = site) => createBrowser(world, where)
describe('refresh', () => {
  it('R35 exchanges a token for its successor and a new access token', async () => {
    const ada = browser()
    const { user } = await ada.signUp({ email: EMAIL, password: PASSWORD })
    const first = ada.jar.refresh
    const answer = await ada.refresh()
    expect(answer.userId).toBe(user.id)
    expect(answer.refreshToken).toMatch(/^rt_[\w-]{43}$/)
    expect(answer.refreshToken).not.toBe(first)
    expect(await world.tokens.verify(site, answer.accessToken.token)).toMatchObject({ userId: user.id })
  })

  it('R36 gives the same successor again within ten seconds, for a second tab or a lost answer', async () => {
    const ada = browser()
    await ada.signUp({ email: EMAIL, password: PASSWORD })
    const parent = ada.jar.refresh
    const { refreshToken } = await ada.refresh()
    ada.jar.refresh = parent
    world.clock.atMs += 10_000
    expect((await ada.refresh()).refreshToken).toBe(refreshToken)
    expect((await ada.refresh()).refreshToken).not.toBe(refreshToken)
  })

  it.each([
    ['after the grace time', 10_001, false],
    ['within it, but after its successor was used', 5000, true],
  ])(
    'R35 a token used again %s ends the whole family and raises an alert',
    async (_when, laterMs, isChainLonger) => {
      const ada = browser()
      await ada.signUp({ email: EMAIL, password: PASSWORD })
      const stolen = ada.jar.refresh
      await ada.refresh()
      if (isChainLonger) await ada.refresh()
      world.clock.atMs += laterMs
      const thief = browser()
      thief.jar.refresh = stolen
      await expect(thief.refresh()).rejects.toMatchObject(DEAD)
      await expect(ada.refresh()).rejects.toMatchObject(DEAD)
      await expect(world.tokens.verify(site, ada.accessToken())).rejects.toMatchObject({
        code: 'auth.token_invalid',
      })
      expect(test.log()).toContain('auth.refresh_reused')
    },
  )

  it('R27 ends a login session that was idle for thirty days', async () => {
    const ada = browser()
    await ada.signUp({ email: EMAIL, password: PASSWORD })
    world.clock.atMs += 29 * DAY_MS
    await ada.refresh()
    world.clock.atMs += 30 * DAY_MS
    await expect(ada.refresh()).rejects.toMatchObject(DEAD)
    // R34
    expect(test.log()).toContain('auth.session_over')
  })

  it('R37 ends a login session after ninety days, however often it was used', async () => {
    const ada = browser()
    await ada.signUp({ email: EMAIL, password: PASSWORD })
    for (let day = 10; day < 90; day += 10) {
      world.clock.atMs += 10 * DAY_MS
      const { refreshMaxAgeSeconds } = await ada.refresh()
      expect(refreshMaxAgeSeconds).toBe(Math.min(30, 90 - day) * 86_400)
    }
    world.clock.atMs += 10 * DAY_MS
    await expect(ada.refresh()).rejects.toMatchObject(DEAD)
  })

  it.each([undefined, '', 'rt_', `rt_${'A'.repeat(43)}`, `rt_${'A'.repeat(44)}`, '\0', 'rt_ü'])(
    'refuses %j, which nobody issued',
    async (token) => {
      const nobody = browser()
      nobody.jar.refresh = token
      await expect(nobody.refresh()).rejects.toMatchObject(DEAD)
    },
  )

  it('takes no token of another site, and does that one no harm', async () => {
    const ada = browser()
    await ada.signUp({ email: EMAIL, password: PASSWORD })
    const elsewhere = browser(siteOf('another'))
    elsewhere.jar.refresh = ada.jar.refresh
    await expect(elsewhere.refresh()).rejects.toMatchObject(DEAD)
    await elsewhere.logOut()
    await ada.refresh()
  })

  it('R25 a copy of the database signs nobody in', async () => {
    const ada = browser()
    await ada.signUp({ email: EMAIL, password: PASSWORD })
    await ada.refresh()
    const { tables, db } = test.storage
    const dump = JSON.stringify([
      await db.select().from(tables.users),
      await db.select().from(tables.refreshTokens),
      await db.select().from(tables.loginSessions),
      await db.select().from(tables.signingKeys),
    ])
    for (const secret of [ada.jar.refresh, ada.accessToken(), PASSWORD]) expect(dump).not.toContain(secret)
    for (const [text] of dump.matchAll(/[\w-]{43}/g)) {
      const thief = browser()
      thief.jar.refresh = `rt_${text}`
      await expect(thief.refresh()).rejects.toMatchObject(DEAD)
    }
  })
})

onEveryEngine('refresh', (engine) => {
  it('R35 R36 gives fifty racers one successor: the family never forks', async () => {
    const raced = createAccountWorld(engine())
    const ada = createBrowser(raced, site)
    await ada.signUp({ email: EMAIL, password: PASSWORD })
    const racers = Array.from({ length: 50 }, () => raced.accounts.refresh(ada.caller()))
    const successors = (await Promise.all(racers)).map(({ refreshToken }) => refreshToken)
    expect(new Set(successors).size).toBe(1)
    expect(await engine().db.select().from(engine().tables.refreshTokens)).toHaveLength(2)
    ada.jar.refresh = successors[0]
    await ada.refresh()
  })

  it('R29 a log-out at the same instant as a refresh leaves no token alive', async () => {
    const raced = createAccountWorld(engine())
    const ada = createBrowser(raced, site)
    await ada.signUp({ email: EMAIL, password: PASSWORD })
    const before = ada.accessToken()
    const [refreshed] = await Promise.allSettled([
      raced.accounts.refresh(ada.caller()),
      raced.accounts.logOut(ada.caller()),
    ])
    await expect(raced.tokens.verify(site, before)).rejects.toMatchObject({ code: 'auth.token_invalid' })
    if (refreshed.status === 'rejected') {
      expect(refreshed.reason).toMatchObject(DEAD)
      return
    }
    ada.jar.refresh = refreshed.value.refreshToken
    await expect(ada.refresh()).rejects.toMatchObject(DEAD)
    await expect(raced.tokens.verify(site, refreshed.value.accessToken.token)).rejects.toMatchObject({
      status: 401,
    })
  })
})
