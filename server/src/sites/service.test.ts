import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openStorage } from '../open-storage.ts'
import type { Storage } from '../platform/storage/storage.ts'
import type { SiteAdmin, Sites } from './ports.ts'
import { createSites } from './service.ts'
import { createSiteStore } from './store.ts'
import type { SiteStore } from './store-port.ts'
import type { SiteTables } from './tables.ts'

let storage: Storage<SiteTables>
let nowMs = 1_760_000_000_000
let reads = 0
/** The server's view. */
let sites: Sites & SiteAdmin
/** Another process on the same tables. */
let elsewhere: Sites & SiteAdmin

beforeEach(async () => {
  storage = await openStorage(':memory:', '')
  const store = createSiteStore(storage)
  const counting: SiteStore = {
    ...store,
    readAll() {
      reads += 1
      return store.readAll()
    },
  }
  const clock = () => nowMs
  sites = createSites({ store: counting, nowMs: clock })
  elsewhere = createSites({ store, nowMs: clock })
  await sites.ensureDefault()
  reads = 0
})
afterEach(() => storage.close())

describe('memory', () => {
  it('reads the tables once for many requests at once, and not again for two seconds', async () => {
    await Promise.all(Array.from({ length: 50 }, () => sites.getDefault()))
    nowMs += 1999
    await sites.knowsOrigin('https://a.example')
    expect(reads).toBe(1)
    nowMs += 1
    await Promise.all(Array.from({ length: 50 }, () => sites.getDefault()))
    expect(reads).toBe(2)
  })

  it('knows after two seconds what another process wrote', async () => {
    await sites.getDefault()
    const { publishableKey, site } = await elsewhere.create('shop')
    await elsewhere.addOrigin('shop', 'https://shop.example')
    expect(await sites.findByPublishableKey(publishableKey)).toBeUndefined()
    nowMs += 2000
    expect(await sites.findByPublishableKey(publishableKey)).toEqual(site)
    expect(await sites.allowsOrigin(site.id, 'https://shop.example')).toBe(true)
  })

  it('knows at once what it wrote itself', async () => {
    await sites.getDefault()
    const { site } = await sites.create('shop')
    expect(await sites.findById(site.id)).toEqual(site)
    await sites.addOrigin('shop', 'https://shop.example')
    expect(await sites.knowsOrigin('https://shop.example')).toBe(true)
    await sites.removeOrigin('shop', 'https://shop.example')
    expect(await sites.knowsOrigin('https://shop.example')).toBe(false)
  })

  it('is not stuck when the clock is set back', async () => {
    await sites.getDefault()
    nowMs -= 3_600_000
    const { site } = await elsewhere.create('shop')
    expect(await sites.findById(site.id)).toEqual(site)
  })

  it('does not keep a reading that a write overtook', async () => {
    const before = sites.getDefault()
    await sites.addOrigin('default', 'https://late.example')
    await before
    expect(await sites.knowsOrigin('https://late.example')).toBe(true)
  })

  it('says unavailable when the tables cannot be read, and recovers', async () => {
    let isDown = true
    const store = createSiteStore(storage)
    const shaky = createSites({
      store: { ...store, readAll: () => (isDown ? Promise.reject(new Error('gone')) : store.readAll()) },
      nowMs: () => nowMs,
    })
    await expect(shaky.getDefault()).rejects.toMatchObject({ code: 'server.unavailable' })
    isDown = false
    expect(await shaky.getDefault()).toMatchObject({ name: 'default' })
  })

  it.each([
    ['cannot be read', () => Promise.reject(new Error('gone'))],
    ['do not answer', () => new Promise<never>(() => undefined)],
  ])('answers what it knew while the tables %s', async (_what, fail) => {
    let isDown = false
    const store = createSiteStore(storage)
    const shaky = createSites({
      store: { ...store, readAll: () => (isDown ? fail() : store.readAll()) },
      nowMs: () => nowMs,
    })
    const known = await shaky.getDefault()
    isDown = true
    nowMs += 2000
    expect(await shaky.getDefault()).toEqual(known)
    nowMs += 3_600_000
    expect(await shaky.getDefault()).toEqual(known)
  })
})

describe('keys', () => {
  it('W7 stores a secret key hashed, shows it once, and knows its site and scopes', async () => {
    const { id, key } = await sites.createKey('default', 'secret', ['events:write', 'events:write'])
    expect(key).toMatch(/^sk_[A-Za-z0-9_-]{43}$/)
    expect(await sites.findBySecretKey(key)).toEqual({
      id,
      site: await sites.getDefault(),
      scopes: ['events:write'],
    })
    const rows = await storage.db.select().from(storage.tables.siteKeys)
    expect(JSON.stringify(rows)).not.toContain(key)
    expect(JSON.stringify(rows)).not.toContain(key.slice(3))
    expect(JSON.stringify(await sites.listKeys('default'))).not.toMatch(/sk_|hash/)
  })

  it('W7 forgets a revoked key at once here, within two seconds elsewhere', async () => {
    const { id, key } = await sites.createKey('default', 'secret', ['events:write'])
    expect(await elsewhere.findBySecretKey(key)).toBeDefined()
    await sites.revokeKey('default', id)
    expect(await sites.findBySecretKey(key)).toBeUndefined()
    nowMs += 2000
    expect(await elsewhere.findBySecretKey(key)).toBeUndefined()
    await expect(sites.revokeKey('default', id)).rejects.toThrow('no key')
  })

  it('never takes one kind of key for the other', async () => {
    const { key: secret } = await sites.createKey('default', 'secret', ['events:write'])
    const { key: publishable } = await sites.createKey('default', 'publishable')
    expect(await sites.findByPublishableKey(secret)).toBeUndefined()
    expect(await sites.findBySecretKey(publishable)).toBeUndefined()
    expect(await sites.findByPublishableKey('null')).toBeUndefined()
  })

  it.each([
    ['none', [], /needs scopes/],
    ['an unknown one', ['events:write', 'admin'], /Unknown scope: admin/],
  ])('refuses a secret key with scopes: %s', async (_title, scopes, message) => {
    await expect(sites.createKey('default', 'secret', scopes)).rejects.toThrow(message)
  })

  it('refuses scopes on a publishable key', async () => {
    await expect(sites.createKey('default', 'publishable', ['events:write'])).rejects.toThrow('no scopes')
  })
})

describe('sites', () => {
  it('has a salt of its own for each, and cookieless unless asked otherwise', async () => {
    const { site: shop } = await sites.create('shop')
    const { site: blog } = await sites.create('blog', { unsetMode: 'recognition' })
    expect([shop.unsetMode, blog.unsetMode]).toEqual(['cookieless', 'recognition'])
    const salts = [shop, blog, await sites.getDefault()].map(({ fingerprintSalt }) => fingerprintSalt)
    expect(new Set(salts).size).toBe(3)
    expect((await sites.list()).map(({ name }) => name)).toEqual(['default', 'shop', 'blog'])
  })

  it('W1 allows an origin only on its own site, letter by letter', async () => {
    const { site: shop } = await sites.create('shop')
    await sites.addOrigin('shop', 'https://Shop.example:443/')
    const { id } = await sites.getDefault()
    expect(await sites.allowsOrigin(shop.id, 'https://shop.example')).toBe(true)
    expect(await sites.allowsOrigin(id, 'https://shop.example')).toBe(false)
    for (const origin of [
      'http://shop.example',
      'https://shop.example:8443',
      'https://evil.shop.example',
      'https://shop.example.evil.example',
      'null',
      '',
    ]) {
      expect(await sites.allowsOrigin(shop.id, origin)).toBe(false)
      expect(await sites.knowsOrigin(origin)).toBe(false)
    }
    expect((await sites.get('shop')).origins).toEqual(['https://shop.example'])
  })

  it.each([
    ['create', () => sites.create('default'), 'already'],
    ['create with a bad name', () => sites.create('../etc'), 'no site name'],
    ['origins', () => sites.addOrigin('nobody', 'https://a.example'), 'no site "nobody"'],
    ['removing what is not there', () => sites.removeOrigin('default', 'https://a.example'), 'does not have'],
    ['keys', () => sites.listKeys('nobody'), 'no site "nobody"'],
    ['get', () => sites.get('nobody'), 'no site "nobody"'],
  ])('refuses in words a person understands: %s', async (_title, attempt, message) => {
    await expect(attempt()).rejects.toMatchObject({
      name: 'SiteError',
      message: expect.stringContaining(message),
    })
  })
})
