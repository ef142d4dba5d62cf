import type { Page } from '@playwright/test'
import { expect, type Shop, test } from '../stories/support/shop.ts'
import { bound, keysOf, lastOf, visit } from './support-device-key.ts'
import type { SdkWindow } from './support-sdk.ts'

const visitorsOf = async (shop: Shop) => (await shop.rows('visitors')).length

/** Deletes what the browser keeps in IndexedDB. */
const deleteDatabases = (page: Page) =>
  page.evaluate(async () => {
    for (const { name } of await indexedDB.databases()) {
      await new Promise((resolve) => {
        const request = indexedDB.deleteDatabase(name ?? '')
        Object.assign(request, { onsuccess: resolve, onerror: resolve })
      })
    }
  })

const listDatabases = (page: Page) =>
  page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name))

test('a first visit makes one key, which nobody can read, and stays a first visit', async ({
  shop,
  person,
}) => {
  const seen = await visit(person)
  await bound(seen)
  expect(seen.answers.map(({ recognition }) => recognition)).toEqual(
    seen.answers.map(() => ({ method: 'new_user', isReturning: false })),
  )
  const kept = await seen.page.evaluate(async () => {
    const database = await new Promise<IDBDatabase>((resolve) => {
      const request = indexedDB.open('helloagain')
      request.onsuccess = () => resolve(request.result)
    })
    const rows = await new Promise<{ key?: CryptoKey; id?: string }[]>((resolve) => {
      const request = database.transaction('fingerprint').objectStore('fingerprint').getAll()
      request.onsuccess = () => resolve(request.result)
    })
    database.close()
    const { key, id } = rows.find((row) => row.key) ?? {}
    if (!key) return undefined
    const exports = ['jwk', 'pkcs8'].map((format) =>
      crypto.subtle.exportKey(format as 'jwk', key).then(
        () => 'exported',
        (error: Error) => error.name,
      ),
    )
    const { type, extractable, algorithm, usages } = key
    return { id, type, extractable, algorithm, usages, exports: await Promise.all(exports) }
  })
  expect(kept).toEqual({
    ...{ id: lastOf(seen).deviceKeyId, type: 'private', extractable: false, usages: ['sign'] },
    algorithm: { name: 'ECDSA', namedCurve: 'P-256' },
    exports: ['InvalidAccessError', 'InvalidAccessError'],
  })
  expect(await keysOf(shop)).toEqual([kept?.id])
  expect(seen.complaints).toEqual([])
})

test('whoever comes back with cookie and key is asked for nothing, and no key is made again', async ({
  shop,
  person,
}) => {
  const first = await visit(person)
  await bound(first)
  const keys = await keysOf(shop)
  await person.closeBrowser()
  shop.sleepDays(3)
  const again = await visit(person)
  expect(again.answers[0]).toMatchObject({
    visitor: { visitorId: lastOf(first).visitor?.visitorId },
    deviceKeyId: keys[0],
    recognition: { isReturning: true },
  })
  await expect.poll(() => again.page.evaluate(() => document.readyState)).toBe('complete')
  expect(again.statuses).not.toContain(401)
  expect(await keysOf(shop)).toEqual(keys)
})

test('a lost cookie is healed by the key: the same visitor, at the first answer, with the cookie back', async ({
  shop,
  person,
}) => {
  const first = await visit(person)
  await bound(first)
  await person.context().clearCookies()
  await person.closeBrowser()
  shop.sleepDays(3)
  const again = await visit(person)
  expect(again.statuses[0]).toBe(401)
  expect(again.answers[0]).toMatchObject({
    session: { sessionId: lastOf(first).session.sessionId },
    visitor: { visitorId: lastOf(first).visitor?.visitorId },
    recognition: { method: 'device_key', isReturning: true },
  })
  expect((await person.context().cookies()).map(({ name }) => name)).toContain('ha_session')
  await person.closeBrowser()
  const third = await visit(person)
  expect(third.statuses[0]).toBe(200)
  expect(third.answers[0]?.recognition.method).toBe('cookie')
  expect(await visitorsOf(shop)).toBe(1)
})

test('a cookie that is lost while the page is open costs nothing that the person tells', async ({
  shop,
  person,
}) => {
  const seen = await visit(person)
  await bound(seen)
  const visitorId = lastOf(seen).visitor?.visitorId
  await person.context().clearCookies()
  await seen.page.evaluate(() =>
    (window as unknown as SdkWindow).HelloAgain.identify({
      firstName: 'Ada',
    }),
  )
  await expect.poll(() => lastOf(seen).recognition.method).toBe('device_key')
  expect(lastOf(seen).visitor).toEqual(expect.objectContaining({ visitorId }))
  const { db, tables } = shop.server.storage
  expect(await db.select().from(tables.profileFields)).toMatchObject([
    { visitorId, field: 'firstName', value: 'Ada' },
  ])
})

test('a lost cookie and a wiped localStorage are healed by the key a moment later', async ({
  shop,
  person,
}) => {
  const first = await visit(person)
  await bound(first)
  await person.context().clearCookies()
  await first.page.evaluate(() => {
    localStorage.clear()
    sessionStorage.clear()
  })
  await person.closeBrowser()
  shop.sleepDays(1)
  const again = await visit(person)
  await expect.poll(() => lastOf(again).visitor?.visitorId).toBe(lastOf(first).visitor?.visitorId)
  expect(lastOf(again).recognition.method).toBe('device_key')
})

test('a lost key is healed by the cookie: the same visitor, a new key in place of the old', async ({
  shop,
  person,
}) => {
  const first = await visit(person)
  await bound(first)
  const [lost] = await keysOf(shop)
  await deleteDatabases(first.page)
  await person.closeBrowser()
  shop.sleepDays(1)
  const again = await visit(person)
  expect(again.answers[0]).toMatchObject({
    visitor: { visitorId: lastOf(first).visitor?.visitorId },
    recognition: { method: 'cookie' },
  })
  await expect.poll(async () => (await keysOf(shop))[0]).not.toBe(lost)
  expect(await keysOf(shop)).toHaveLength(1)
  expect(await visitorsOf(shop)).toBe(1)
})

test('whoever lost both is a new visitor', async ({ shop, person }) => {
  const first = await visit(person)
  await bound(first)
  await person.context().clearCookies()
  await deleteDatabases(first.page)
  await person.closeBrowser()
  shop.sleepDays(1)
  const again = await visit(person)
  // The page still names the session, so it is asked for the key first, and says that it has none.
  expect(again.statuses.slice(0, 2)).toEqual([401, 200])
  expect(again.answers[0]?.session.sessionId).not.toBe(lastOf(first).session.sessionId)
  expect(again.answers[0]?.visitor?.visitorId).not.toBe(lastOf(first).visitor?.visitorId)
})

test('an opt-out deletes the key, here and at the server', async ({ shop, person }) => {
  const seen = await visit(person)
  await bound(seen)
  expect(await listDatabases(seen.page)).toContain('helloagain')
  await seen.page.evaluate(() => (window as unknown as SdkWindow).HelloAgain.optOut())
  await expect.poll(() => listDatabases(seen.page)).not.toContain('helloagain')
  await expect.poll(() => keysOf(shop)).toEqual([])
})

test('an opt-out while the key is being made leaves none behind', async ({ shop, person }) => {
  await person.open()
  await person.context().addInitScript(() => {
    const { generateKey } = SubtleCrypto.prototype
    const going = Promise.withResolvers<void>()
    Object.assign(window, { isMaking: false, goOn: going.resolve })
    Object.assign(SubtleCrypto.prototype, {
      async generateKey(this: SubtleCrypto, ...args: unknown[]) {
        Object.assign(window, { isMaking: true })
        await going.promise
        return Reflect.apply(generateKey, this, args)
      },
    })
  })
  const { page } = await visit(person)
  await page.waitForFunction(() => (window as unknown as { isMaking: boolean }).isMaking)
  await page.evaluate(() => (window as unknown as SdkWindow).HelloAgain.optOut())
  await page.evaluate(() => (window as unknown as { goOn(): void }).goOn())
  await expect.poll(() => listDatabases(page)).toEqual([])
  expect(await keysOf(shop)).toEqual([])
})

test('no key is made where the person is not to be recognised', async ({ shop, person }) => {
  await person.open()
  await person.context().addInitScript(() => {
    Object.defineProperty(navigator, 'globalPrivacyControl', { value: true })
  })
  const { page } = await visit(person)
  await page.evaluate(() => (window as unknown as SdkWindow).HelloAgain.flush())
  expect(await listDatabases(page)).toEqual([])
  expect(await keysOf(shop)).toEqual([])
})

test('two tabs that open at once end with one key', async ({ shop, person }) => {
  await person.open()
  const seen = await Promise.all([visit(person), visit(person)])
  await Promise.all(seen.map(bound))
  expect(new Set(seen.map((one) => lastOf(one).deviceKeyId)).size).toBe(1)
  expect(await keysOf(shop)).toHaveLength(1)
})

test('two people on one computer: the first one’s key does not bring the first one back', async ({
  shop,
  person,
}) => {
  const first = await visit(person)
  await bound(first)
  await first.page.evaluate(() => (window as unknown as SdkWindow).HelloAgain.reset())
  await expect.poll(() => lastOf(first).visitor?.visitorId).not.toBe(first.answers[0]?.visitor?.visitorId)
  const second = lastOf(first).visitor?.visitorId
  await bound(first)
  await person.context().clearCookies()
  await person.closeBrowser()
  shop.sleepDays(1)
  const again = await visit(person)
  expect(again.answers[0]?.visitor?.visitorId).toBe(second)
  expect(await keysOf(shop)).toHaveLength(1)
})
