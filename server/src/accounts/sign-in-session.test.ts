import { beforeEach, expect, it } from 'vitest'
import { newId } from '../platform/ids.ts'
import { type AccountWorld, createBrowser, openAccountTest, site } from '../testing/account-world.ts'
import { linkSession } from './sign-in-session.ts'

let world: AccountWorld
beforeEach(async () => {
  world = (await openAccountTest()).world
})

const linkBy = (secret: string, userId: string) => {
  const browser = createBrowser(world, site)
  browser.jar.session = secret
  return linkSession(world.parts.sessions, browser.caller(), userId)
}

it('gives the proven session to one of those who sign in with it at the same instant, and fresh ones to the others', async () => {
  const { secret, session } = world.room.open(site.id)
  const linked = await Promise.all(Array.from({ length: 10 }, () => linkBy(secret, newId())))
  expect(linked.filter(({ id }) => id === session.id)).toHaveLength(1)
  expect(new Set(linked.map(({ visitorId }) => visitorId)).size).toBe(10)
})

it('takes no unlinked session of a visitor who was somebody else before', async () => {
  const ada = newId()
  const before = world.room.open(site.id)
  await linkBy(before.secret, ada)
  const later = world.room.open(site.id)
  later.session = { ...later.session, visitorId: before.session.visitorId }
  expect((await linkBy(later.secret, newId())).visitorId).not.toBe(before.session.visitorId)
  expect((await linkBy(later.secret, ada)).id).toBe(later.session.id)
})

it('passes on what is no conflict', async () => {
  const { secret } = world.room.open(site.id)
  world.parts.sessions.linkToUser = () => Promise.reject(new Error('The database is gone.'))
  await expect(linkBy(secret, newId())).rejects.toThrow('The database is gone.')
})
