import { expect, sessionOpened, test } from './support/shop.ts'

const stored = async (page: import('@playwright/test').Page) =>
  page.evaluate(async () => ({
    local: Object.keys(localStorage),
    session: Object.keys(sessionStorage),
    databases: (await indexedDB.databases()).map(({ name }) => name),
  }))

test('with Global Privacy Control nothing is read and nothing is stored', async ({ shop, person }) => {
  const page = await person.open()
  await person.context().setExtraHTTPHeaders({ 'Sec-GPC': '1' })
  await person.context().addInitScript(() => {
    Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', { get: () => true })
    Object.assign(globalThis, { probed: [] as string[] })
    const probed = (globalThis as unknown as { probed: string[] }).probed
    const getContext = HTMLCanvasElement.prototype.getContext
    HTMLCanvasElement.prototype.getContext = function (this: HTMLCanvasElement, ...args: unknown[]) {
      probed.push('canvas')
      return Reflect.apply(getContext, this, args)
    } as typeof getContext
    const getItem = Storage.prototype.getItem
    Storage.prototype.getItem = function (this: Storage, key: string) {
      probed.push(`read ${key}`)
      return getItem.call(this, key)
    }
  })
  await page.goto('/')
  await expect.poll(async () => (await shop.rows('eventLogs')).length).toBeGreaterThan(0)
  await page.goto('/quiz')
  await expect.poll(async () => (await shop.rows('eventLogs')).length).toBeGreaterThan(1)

  expect(await stored(page)).toEqual({ local: [], session: [], databases: [] })
  expect(await person.context().cookies()).toEqual([])
  expect(await page.evaluate(() => (globalThis as unknown as { probed: string[] }).probed)).toEqual([])
  const tables = shop.server.storage.tables
  expect(await shop.server.storage.db.select().from(tables.visitorFingerprints)).toEqual([])
  expect(await shop.server.storage.db.select().from(tables.visitorDeviceIds)).toEqual([])
})

test('a person who says no is forgotten by the browser but for the no', async ({ shop, person }) => {
  const page = await person.open()
  await sessionOpened(page, () => page.goto('/quiz'))
  await expect.poll(async () => (await shop.rows('eventLogs')).length).toBeGreaterThan(0)
  await page.click('#forget')
  await expect.poll(async () => (await stored(page)).databases).toEqual([])
  await expect.poll(async () => (await stored(page)).local.length).toBe(1)
  const before = (await shop.rows('eventLogs')).length
  await page.goto('/signup')
  await page.fill('input[name=firstName]', 'Nobody')
  await page.goto('/quiz')
  await expect(page.locator('#question')).toBeVisible()
  expect((await shop.rows('eventLogs')).length).toBe(before)
  expect((await person.context().cookies()).filter(({ name }) => name.startsWith('ha_'))).toEqual([])
})
