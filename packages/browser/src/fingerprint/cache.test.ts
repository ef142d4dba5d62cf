import { expect, it } from 'vitest'
import { createMemoryStorage } from '../persistence/memory.ts'
import { createWebStorage } from '../persistence/web-storage.ts'
import { type CachedFingerprint, createFingerprintCache, type FingerprintStore } from './cache.ts'

const full: CachedFingerprint = { hash: 'a'.repeat(32), observedAtMs: 1 }
const partial: CachedFingerprint = { hash: 'b'.repeat(32), observedAtMs: 2, partial: true }

function createStore(value?: unknown): FingerprintStore & { value: unknown } {
  return {
    value,
    async get() {
      return this.value
    },
    async set(next) {
      this.value = next
    },
    async remove() {
      this.value = undefined
    },
  }
}

const open = (mirror = createMemoryStorage(), store: FingerprintStore = createStore()) =>
  createFingerprintCache({ storageKey: 'ha', mirror, store })

it('is read at once by the next page, from the mirror', async () => {
  const mirror = createMemoryStorage()
  await open(mirror).write(full)
  expect(open(mirror).read()).toEqual(full)
})

it('heals a lost mirror from the database', async () => {
  const mirror = createMemoryStorage()
  const cache = open(mirror, createStore(full))
  expect(cache.read()).toBeUndefined()
  expect(await cache.restore()).toEqual(full)
  expect(open(mirror).read()).toEqual(full)
})

it('keeps a full fingerprint when a partial one comes, and a partial one until a full one comes', async () => {
  const cache = open()
  await cache.write(partial)
  expect(cache.read()).toEqual(partial)
  await cache.write(full)
  await cache.write(partial)
  expect(cache.read()).toEqual(full)
})

it('forgets in both places', async () => {
  const mirror = createMemoryStorage()
  const store = createStore()
  const cache = open(mirror, store)
  await cache.write(full)
  await cache.clear()
  expect(cache.read()).toBeUndefined()
  expect(store.value).toBeUndefined()
  expect(await open(mirror, store).restore()).toBeUndefined()
})

it('works in memory where all storage throws', async () => {
  const refuse = async () => {
    throw new DOMException('no', 'SecurityError')
  }
  const mirror = createWebStorage(() => {
    throw new DOMException('no', 'SecurityError')
  })
  const cache = open(mirror, { get: refuse, set: refuse, remove: refuse })
  expect(await cache.restore()).toBeUndefined()
  await cache.write(full)
  expect(cache.read()).toEqual(full)
  await cache.clear()
  expect(cache.read()).toBeUndefined()
})

it.each([['a text'], [{ hash: 'not hex', observedAtMs: 1 }], [{ hash: full.hash }], [null]])(
  'takes damaged storage as empty: %j',
  async (value) => {
    const mirror = createMemoryStorage()
    mirror.set('ha', JSON.stringify(value))
    expect(open(mirror).read()).toBeUndefined()
    expect(await open(createMemoryStorage(), createStore(value)).restore()).toBeUndefined()
  },
)
