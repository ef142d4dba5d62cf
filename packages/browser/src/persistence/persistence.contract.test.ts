import { describe, expect, it } from 'vitest'
import { createMemoryStorage } from './memory.ts'
import { readJson } from './persistence.ts'
import { createWebStorage } from './web-storage.ts'

function createFakeStorage(): Storage {
  const texts = new Map<string, string>()
  return {
    get length() {
      return texts.size
    },
    clear: () => texts.clear(),
    getItem: (key) => texts.get(key) ?? null,
    key: (index) => [...texts.keys()][index] ?? null,
    removeItem: (key) => void texts.delete(key),
    setItem: (key, text) => void texts.set(key, text),
  }
}

const storage = createFakeStorage()
const drivers = { memory: createMemoryStorage(), web: createWebStorage(() => storage) }

describe.each(Object.entries(drivers))('%s', (_name, store) => {
  it('gives back what was kept and undefined for what was not', () => {
    expect(store.get('id')).toBeUndefined()
    expect(store.set('id', '1')).toBe(true)
    expect(store.get('id')).toBe('1')
    expect(store.get('other')).toBeUndefined()
  })

  it('forgets, also twice', () => {
    store.set('id', '1')
    store.remove('id')
    store.remove('id')
    expect(store.get('id')).toBeUndefined()
  })

  it('lists the keys it holds', () => {
    store.remove('state')
    store.remove('id')
    store.set('one', '1')
    store.set('two', '2')
    expect(store.keys().sort()).toEqual(['one', 'two'])
    store.remove('one')
    store.remove('two')
    expect(store.keys()).toEqual([])
  })

  it('reads damaged JSON as absent', () => {
    store.set('state', '{"a":')
    expect(readJson(store, 'state')).toBeUndefined()
    store.set('state', '{"a":1}')
    expect(readJson(store, 'state')).toEqual({ a: 1 })
  })
})

it('answers without throwing where the browser blocks storage', () => {
  const blocked = createWebStorage(() => {
    throw new Error('SecurityError')
  })
  expect(blocked.get('id')).toBeUndefined()
  expect(blocked.set('id', '1')).toBe(false)
  expect(blocked.keys()).toEqual([])
  expect(() => blocked.remove('id')).not.toThrow()
})

it('does not ask an empty storage', () => {
  const empty = createFakeStorage()
  const asked: string[] = []
  empty.getItem = (key) => {
    asked.push(key)
    return null
  }
  createWebStorage(() => empty).get('id')
  expect(asked).toEqual([])
})
