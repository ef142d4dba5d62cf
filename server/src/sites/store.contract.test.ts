import { beforeEach, expect, it } from 'vitest'
import { newId } from '../platform/ids.ts'
import { onEveryEngine } from '../platform/storage/on-every-engine.ts'
import { createSiteStore } from './store.ts'
import type { SiteStore, StoredKey, StoredSite } from './store-port.ts'

let count = 0
function newSite(): StoredSite {
  count += 1
  return {
    id: newId(),
    name: `site-${count}`,
    fingerprintSalt: 'salt',
    unsetMode: 'cookieless',
    createdAtMs: 1_760_000_000_000 + count,
  }
}

function newKeyOf(siteId: string, over: Partial<StoredKey> = {}): StoredKey {
  count += 1
  return {
    id: newId(),
    siteId,
    kind: 'secret',
    hash: `hash-${count}`,
    value: null,
    hint: 'abcd',
    scopes: ['events:write'],
    createdAtMs: 1_760_000_000_000 + count,
    revokedAtMs: null,
    ...over,
  }
}

onEveryEngine('site store', (storage) => {
  let store: SiteStore
  beforeEach(() => {
    store = createSiteStore(storage())
  })

  async function stored() {
    const site = newSite()
    const key = newKeyOf(site.id)
    expect(await store.create(site, key)).toBe(true)
    return { site, key }
  }

  it('gives back a site and its first key as they were written', async () => {
    const { site, key } = await stored()
    expect(await store.findByName(site.name)).toEqual(site)
    expect(await store.listKeys(site.id)).toEqual([key])
    expect(await store.findByName('nobody')).toBeUndefined()
  })

  it('refuses a taken name and writes neither site nor key', async () => {
    const { site } = await stored()
    const other = { ...newSite(), name: site.name }
    expect(await store.create(other, newKeyOf(other.id))).toBe(false)
    expect(await store.findByName(site.name)).toEqual(site)
    expect(await store.listKeys(other.id)).toEqual([])
  })

  it('writes no site when its key cannot be written', async () => {
    const { key } = await stored()
    const site = newSite()
    await expect(store.create(site, newKeyOf(site.id, { hash: key.hash }))).rejects.toThrow()
    expect(await store.findByName(site.name)).toBeUndefined()
  })

  it('makes one site of a name that many make at once', async () => {
    const name = newSite().name
    const attempts = Array.from({ length: 8 }, () => ({ ...newSite(), name }))
    const made = await Promise.all(attempts.map((site) => store.create(site, newKeyOf(site.id))))
    expect(made.filter(Boolean)).toHaveLength(1)
    const { sites, keys } = await store.readAll()
    const found = sites.filter((site) => site.name === name)
    expect(found).toHaveLength(1)
    expect(keys.filter(({ siteId }) => siteId === found[0]?.id)).toHaveLength(1)
  })

  it('keeps an origin once per site and says whether there was one to remove', async () => {
    const { site } = await stored()
    const { site: other } = await stored()
    await store.addOrigin(site.id, 'https://a.example')
    await store.addOrigin(site.id, 'https://a.example')
    await store.addOrigin(other.id, 'https://a.example')
    const originsOf = async (siteId: string) =>
      (await store.readAll()).origins.filter((row) => row.siteId === siteId).map(({ origin }) => origin)
    expect(await originsOf(site.id)).toEqual(['https://a.example'])
    expect(await store.removeOrigin(site.id, 'https://a.example')).toBe(true)
    expect(await store.removeOrigin(site.id, 'https://a.example')).toBe(false)
    expect(await originsOf(other.id)).toEqual(['https://a.example'])
  })

  it('lists the keys of one site, oldest first, revoked ones too', async () => {
    const { site, key } = await stored()
    await stored()
    const second = newKeyOf(site.id, { kind: 'publishable', value: 'pk_x', scopes: [] })
    await store.addKey(second)
    await store.revokeKey(site.id, key.id, 1_770_000_000_000)
    expect(await store.listKeys(site.id)).toEqual([{ ...key, revokedAtMs: 1_770_000_000_000 }, second])
  })

  it('revokes a key once, only for its own site, and keeps the first moment', async () => {
    const { site, key } = await stored()
    const { site: other } = await stored()
    expect(await store.revokeKey(other.id, key.id, 5)).toBe(false)
    expect(await store.revokeKey(site.id, key.id, 6)).toBe(true)
    expect(await store.revokeKey(site.id, key.id, 7)).toBe(false)
    expect((await store.listKeys(site.id))[0]?.revokedAtMs).toBe(6)
  })

  it('reads sites oldest first, and no revoked key', async () => {
    const { site, key } = await stored()
    await store.revokeKey(site.id, key.id, 6)
    const { sites, keys } = await store.readAll()
    expect(sites).toContainEqual(site)
    expect(sites.map(({ createdAtMs }) => createdAtMs)).toEqual(
      sites.map(({ createdAtMs }) => createdAtMs).toSorted((a, b) => a - b),
    )
    expect(keys.map(({ id }) => id)).not.toContain(key.id)
  })

  it('makes one "default" when servers start at once, and leaves it as it is afterwards', async () => {
    const { createSites } = await import('./service.ts')
    const servers = Array.from({ length: 6 }, () => createSites({ store, nowMs: Date.now }))
    await Promise.all(servers.map((sites) => sites.ensureDefault()))
    const [first] = servers
    if (!first) throw new Error('There are six.')
    const site = await first.getDefault()
    expect(site).toMatchObject({ name: 'default', unsetMode: 'recognition' })
    expect(await first.listKeys('default')).toHaveLength(1)

    const [key] = await first.listKeys('default')
    await first.revokeKey('default', key?.id ?? '')
    await first.ensureDefault()
    expect((await first.listKeys('default')).filter(({ revokedAtMs }) => revokedAtMs === null)).toEqual([])
    expect(await servers[3]?.getDefault()).toEqual(site)
  })
})
