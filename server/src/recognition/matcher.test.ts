import { randomUUID } from 'node:crypto'
import { expect, it, onTestFinished } from 'vitest'
import { openStorage } from '../open-storage.ts'
import { createServerKeys } from '../platform/crypto/server-keys.ts'
import { openRecognition } from '../testing/open-recognition.ts'
import { createSignals, fingerprintOf } from '../testing/signals.ts'
import { LESSONS_PER_PREFIX } from './learning-policy.ts'
import { createObserve } from './observe.ts'

const DAY_MS = 86_400_000
const site = { id: 'site', fingerprintSalt: 'salt' }

it('S6 a flood of visits that nothing proves teaches no more a day than a network may', async () => {
  const storage = await openStorage(':memory:', '')
  onTestFinished(() => storage.close())
  let atMs = Date.UTC(2026, 0, 1)
  const keys = createServerKeys('k'.repeat(43))
  const { store, recogniser, profiles, recognition } = openRecognition(storage, { keys, nowMs: () => atMs })
  const { tokeniseFor } = recogniser
  const observe = createObserve({ store, tokeniseFor, isServerMade: () => false })

  async function comeBy(networkPrefix: string, times: number) {
    const reported = { ...fingerprintOf(createSignals(), site.fingerprintSalt), networkPrefix }
    const fingerprint = await observe(site, reported)
    for (let count = 0; count < times; count += 1)
      await recognition.match(site.id, { fingerprint }, randomUUID())
  }
  /** Visits that counted towards how often people return. */
  async function taught() {
    await recogniser.flush()
    const tallies = await profiles.tallies(site.id)
    return [...tallies].reduce(
      (sum, [name, { total }]) => sum + (name.startsWith('returners|') ? total / 1000 : 0),
      0,
    )
  }

  await comeBy('198.51.100.0/24', LESSONS_PER_PREFIX + 50)
  expect(await taught()).toBe(LESSONS_PER_PREFIX)
  await comeBy('203.0.113.0/24', 1)
  expect(await taught()).toBe(LESSONS_PER_PREFIX + 1)
  atMs += DAY_MS
  await comeBy('198.51.100.0/24', 1)
  expect(await taught()).toBe(LESSONS_PER_PREFIX + 2)
})
