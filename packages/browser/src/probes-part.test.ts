import { beforeEach, expect, it, vi } from 'vitest'

const observed = vi.hoisted(() => ({ hash: '', partial: false }))
// The browser is the outside world here: what it tells is set by the test.
vi.mock('./probes.ts', () => ({
  observeFingerprint: async () => ({ ...observed, signals: { timezone: 'Europe/London' } }),
}))

const FULL = 'a'.repeat(32)
const PARTIAL = 'b'.repeat(32)
const texts = new Map<string, string>()
const options = { salt: 's', timeBoundMs: 300, storageKey: 'k', maxAgeMs: 0, atMs: 5 }

beforeEach(() => {
  texts.clear()
  vi.stubGlobal('localStorage', {
    get length() {
      return texts.size
    },
    getItem: (key: string) => texts.get(key) ?? null,
    setItem: (key: string, text: string) => void texts.set(key, text),
    removeItem: (key: string) => void texts.delete(key),
  })
})

it('hands over what was observed, also in part where nothing better is known', async () => {
  const { observeAndKeep } = await import('./probes-part.ts')
  Object.assign(observed, { hash: PARTIAL, partial: true })
  const { kept, report } = await observeAndKeep(options)
  expect(kept).toMatchObject({ hash: PARTIAL, partial: true })
  expect(report).toEqual({ hash: PARTIAL, signals: { timezone: 'Europe/London' } })
})

it('never sends the hash of a partial observation where a full one is known', async () => {
  const { observeAndKeep } = await import('./probes-part.ts')
  Object.assign(observed, { hash: FULL, partial: false })
  await observeAndKeep(options)
  Object.assign(observed, { hash: PARTIAL, partial: true })
  const { kept, report } = await observeAndKeep(options)
  expect(kept.hash).toBe(FULL)
  expect(report).toBeUndefined()
})

it('takes no observation of the future for a fresh one: the clock was wrong then', async () => {
  const { observeAndKeep } = await import('./probes-part.ts')
  Object.assign(observed, { hash: FULL, partial: false })
  await observeAndKeep({ ...options, atMs: 1000 })
  const { kept, report } = await observeAndKeep({ ...options, maxAgeMs: 100 })
  expect(kept.observedAtMs).toBe(5)
  expect(report).toBeDefined()
})

it('tries once more on the next page where the time ran out, and then waits like others', async () => {
  const { observeAndKeep } = await import('./probes-part.ts')
  const { isFresh } = await import('./identity/observation-age.ts')
  const maxAgeMs = 100
  const atMs = 1_800_000_000_000
  Object.assign(observed, { hash: PARTIAL, partial: true })
  const first = await observeAndKeep({ ...options, maxAgeMs, atMs })
  expect(isFresh(first.kept.observedAtMs, atMs, maxAgeMs)).toBe(false)
  const second = await observeAndKeep({ ...options, maxAgeMs, atMs })
  expect(second.report).toBeDefined()
  expect(isFresh(second.kept.observedAtMs, atMs, maxAgeMs)).toBe(true)
  expect((await observeAndKeep({ ...options, maxAgeMs, atMs })).report).toBeUndefined()
})
