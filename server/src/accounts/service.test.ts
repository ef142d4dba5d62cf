import { beforeEach, describe, expect, it } from 'vitest'
import { newId } from '../platform/ids.ts'
import {
  type AccountTest,
  type AccountWorld,
  createBrowser,
  EMAIL,
  openAccountTest,
  PASSWORD,
  site,
} from '../testing/account-world.ts'

const DEAD = { code: 'auth.refresh_invalid', status: 401 }

let test: AccountTest
let world: AccountWorld
beforeEach(async () => {
  test = await openAccountTest()
  world = test.world
})
const browser = (where = site) => createBrowser(world, where)
describe('log-out', () => {
  it('R29 ends access and refresh tokens at once, by either of them', async () => {
    for (const by of ['access', 'refresh'] as const) {
      const ada = browser()
      await ada.signUp({ email: `${by}@example.com`, password: PASSWORD })
      const [token, refresh] = [ada.accessToken(), ada.jar.refresh]
      const credential = await world.tokens.verify(site, token)
      if (by === 'access') ada.jar.refresh = undefined
      await ada.logOut(by === 'access' ? { credential } : {})
      ada.jar.refresh = refresh
      await expect(world.tokens.verify(site, token)).rejects.toMatchObject({ code: 'auth.token_invalid' })
      await expect(ada.refresh()).rejects.toMatchObject(DEAD)
    }
  })

  it('S3 lets the next person on a shared device start afresh', async () => {
    const shared = browser()
    const ada = await shared.signUp({ email: EMAIL, password: PASSWORD, firstName: 'Ada' })
    await shared.logOut()
    const next = await shared.signUp({ email: 'next@example.com' })
    expect(next.session.sessionId).not.toBe(ada.session.sessionId)
    expect(next.userData).toEqual({ email: 'next@example.com' })
  })

  it('ends the link of this browser also when its refresh token is gone', async () => {
    const shared = browser()
    const { session } = await shared.signUp({ email: EMAIL, password: PASSWORD })
    shared.jar.refresh = undefined
    await shared.logOut()
    expect(world.room.all.find((kept) => kept.session.id === session.id)?.isEnded).toBe(true)
  })

  it('S3 ends the session the log-in was opened in, also when the call brings no cookie', async () => {
    const ada = browser()
    const { session } = await ada.signUp({ email: EMAIL, password: PASSWORD })
    const credential = await world.tokens.verify(site, ada.accessToken())
    await browser().logOut({ credential })
    expect(world.room.all.find((kept) => kept.session.id === session.id)?.isEnded).toBe(true)
  })

  it('is done once however often it is called, and does nothing for nobody', async () => {
    const ada = browser()
    await ada.signUp({ email: EMAIL, password: PASSWORD })
    const refresh = ada.jar.refresh
    await ada.logOut()
    ada.jar.refresh = refresh
    await ada.logOut()
    await browser().logOut()
  })
})

describe('what other rooms ask', () => {
  it('makes one user of an id from the site’s own auth, whom no password signs in', async () => {
    const first = await world.accounts.ensureExternalUser(site.id, 'crm-7', world.clock.atMs)
    expect(await world.accounts.ensureExternalUser(site.id, 'crm-7', world.clock.atMs)).toEqual(first)
    expect(await world.accounts.findUser(site.id, first.id)).toMatchObject({
      externalId: 'crm-7',
      email: null,
    })
    expect(await world.accounts.findUser(newId(), first.id)).toBeUndefined()
    expect(await world.accounts.userAttributes(site.id, first.id)).toEqual({})
  })

  it('W6 hands out users without hash and without the keys they are compared by', async () => {
    const { id } = await test.verifiedUser()
    const user = await world.accounts.findUser(site.id, id)
    expect(Object.keys(user ?? {}).sort()).toEqual(
      [
        'attributes',
        'createdAtMs',
        'email',
        'emailVerifiedAtMs',
        'externalId',
        'id',
        'siteId',
        'username',
      ].sort(),
    )
  })
})

it('R66 writes no password, token, address or name into the log', async () => {
  const ada = browser()
  await ada.signUp({ email: EMAIL, username: 'lovelace', password: PASSWORD, firstName: 'Augusta' })
  const stolen = ada.jar.refresh
  await ada.refresh()
  world.clock.atMs += 60_000
  ada.jar.refresh = stolen
  await ada.refresh().catch(() => undefined)
  await world.tokens.verify(site, ada.accessToken()).catch(() => undefined)
  await ada.logIn({ email: EMAIL, password: 'wrong, but long enough' }).catch(() => undefined)
  expect(test.log()).not.toBe('')
  for (const secret of [
    EMAIL,
    'lovelace',
    'Augusta',
    PASSWORD,
    'wrong, but',
    'rt_',
    ada.accessToken(),
    '192.0.2',
  ]) {
    expect(test.log()).not.toContain(secret)
  }
})
