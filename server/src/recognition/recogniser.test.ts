import { randomUUID } from 'node:crypto'
import { normalizeSignals } from '@helloagain/recognition'
import { observe } from '@helloagain/recognition/linkage'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStorage } from '../open-storage.ts'
import { createServerKeys } from '../platform/crypto/server-keys.ts'
import type { Storage } from '../platform/storage/storage.ts'
import type { Tables } from '../tables.ts'
import { openRecognition } from '../testing/open-recognition.ts'
import { RICH_BROWSER } from '../testing/shopper.ts'
import type { Take } from './recogniser-ports.ts'

const DAY_MS = 86_400_000
const START_MS = Date.UTC(2026, 5, 1)
const keys = createServerKeys('k'.repeat(43))
const WITH_COOKIE = { isTrusted: true, holdsProof: true, isBot: false }
const WITHOUT = { isTrusted: false, holdsProof: false, isBot: false }

let storage: Storage<Tables>
beforeAll(async () => {
  storage = await openStorage(':memory:', '')
})
afterAll(() => storage.close())

type Raw = Readonly<Record<string, unknown>>

/** A site of its own with a clock, and people who come by. */
function openSite() {
  const siteId = randomUUID()
  let atMs = START_MS
  const { store, recogniser, profiles } = openRecognition(storage, { keys, nowMs: () => atMs })
  const look = (raw: Raw, networkPrefix = '203.0.113.0/24') =>
    observe(normalizeSignals(raw), { tokenise: recogniser.tokeniseFor(siteId), unstable: [], networkPrefix })
  const take = (visitorId: string, raw: Raw, how: Omit<Take, 'atMs'>) =>
    recogniser.take(siteId, visitorId, look(raw), { atMs, ...how })
  return {
    ...{ siteId, store, recogniser, profiles, look, take },
    pass: (ms: number) => {
      atMs += ms
      return atMs
    },
    ask: (raw: Raw, exceptVisitorId?: string) =>
      recogniser.recognise(siteId, look(raw), {
        ...{ atMs, knowsProof: false },
        ...(exceptVisitorId !== undefined && { exceptVisitorId }),
      }),
    async arrive(raw: Raw, how: Omit<Take, 'atMs'> = WITHOUT) {
      const seen = { firstSeenAtMs: atMs, lastSeenAtMs: atMs, visitCount: 1 }
      const visitor = { id: randomUUID(), siteId, userId: null, botReasons: null, ...seen }
      await store.insertVisitor(visitor)
      await take(visitor.id, raw, how)
      return visitor.id
    },
    find: (visitorId: string) => profiles.findProfile(siteId, visitorId),
  }
}

/** People whose computers differ. */
const somebody = (number: number): Raw => ({
  ...RICH_BROWSER,
  canvas: `canvas ${number}`,
  webgl: `webgl ${number}`,
  audio: 124 + number / 1000,
  fonts: ['DejaVu Sans', `Font ${number}`],
  gpuRenderer: `ANGLE (Intel, Mesa Intel(R) Graphics ${number}, OpenGL 4.6)`,
})

describe('somebody who comes back without cookie and key', () => {
  it('is found by what the browser shows, also after a monitor was plugged in', async () => {
    const { arrive, ask, pass } = openSite()
    const ids: string[] = []
    for (let number = 0; number < 20; number += 1) ids.push(await arrive(somebody(number)))
    pass(3 * DAY_MS)
    const exact = await ask(somebody(7))
    expect(exact).toMatchObject({ method: 'fingerprint_exact', visitorId: ids[7], anonymitySet: 1 })
    const docked = { ...somebody(7), screenResolution: [3840, 2160], devicePixelRatio: 1.5 }
    expect(await ask(docked)).toMatchObject({ method: 'fingerprint_similar', visitorId: ids[7] })
    expect((await ask(somebody(99))).method).toBe('new')
  })

  it('is nobody in particular among twins, and is never told about itself', async () => {
    const { arrive, ask, pass } = openSite()
    const twins = await Promise.all([0, 1, 2].map(() => arrive(somebody(1))))
    pass(DAY_MS)
    const decision = await ask(somebody(1))
    expect(decision.visitorId).toBeUndefined()
    expect(decision.anonymitySet).toBeGreaterThanOrEqual(3)
    const only = openSite()
    const id = await only.arrive(somebody(1))
    expect((await only.ask(somebody(1), id)).visitorId).toBeUndefined()
    expect(twins).toHaveLength(3)
  })

  it('is one person under several visitors that links join, by the oldest of them', async () => {
    const { siteId, store, arrive, ask, pass } = openSite()
    const first = await arrive(somebody(1))
    pass(DAY_MS)
    const second = await arrive(somebody(1))
    pass(DAY_MS)
    await store.insertLink({
      ...{ id: randomUUID(), siteId, visitorId: second, knownVisitorId: first, createdAtMs: START_MS },
      ...{ method: 'fingerprint_recognized', confidence: 99, observationConfidence: 95, anonymitySet: 1 },
      ...{ undoneAtMs: null, undoneReason: null, evidence: null },
    })
    expect(await ask(somebody(1))).toMatchObject({ visitorId: first, anonymitySet: 1 })
    expect((await ask(somebody(1), second)).visitorId).toBe(first)
    expect((await ask(somebody(1), first)).visitorId).toBeUndefined()
  })
})

describe('a profile', () => {
  it('learns from whoever holds the cookie, and forgets what was not seen for 30 days', async () => {
    const { arrive, take, find, pass } = openSite()
    const id = await arrive(somebody(1), WITH_COOKIE)
    const screens = async () => (await find(id))?.sets.screen?.length
    pass(20 * DAY_MS)
    await take(id, { ...somebody(1), screenResolution: [3840, 2160] }, WITH_COOKIE)
    expect(await screens()).toBe(2)
    pass(20 * DAY_MS)
    await take(id, { ...somebody(1), screenResolution: [3840, 2160] }, WITH_COOKIE)
    expect(await screens()).toBe(1)
  })

  it('of a visitor that holds a cookie is changed by nothing that comes without', async () => {
    const { arrive, take, find, pass } = openSite()
    const id = await arrive(somebody(1), WITH_COOKIE)
    const before = await find(id)
    pass(DAY_MS)
    for (let number = 0; number < 20; number += 1) await take(id, somebody(number), WITHOUT)
    expect(await find(id)).toEqual(before)
  })

  it('takes in a handful of values at most of a fingerprint that is forged a thousand times', async () => {
    const { arrive, take, find, pass } = openSite()
    const id = await arrive(somebody(1))
    const valuesOf = async () => {
      const { composites: _, ...signals } = (await find(id))?.sets ?? {}
      return Object.values(signals).flat().length
    }
    const before = await valuesOf()
    pass(3_600_000)
    for (let number = 0; number < 1000; number += 1) {
      const screenResolution = [1000 + 50 * number, 900]
      await take(id, { ...somebody(1), canvas: `forged ${number}`, screenResolution }, WITHOUT)
      pass(60_000)
    }
    expect((await valuesOf()) - before).toBeLessThanOrEqual(5)
  })

  it('is not made of a robot', async () => {
    const { siteId, arrive, find, recogniser, look } = openSite()
    const id = await arrive(somebody(1), { ...WITH_COOKIE, isBot: true })
    expect(await find(id)).toBeUndefined()
    const question = { atMs: START_MS, knowsProof: false }
    expect((await recogniser.consider(siteId, look(somebody(1)), question)).input.knowledge.visitors).toBe(0)
  })

  it('holds tokens that differ from site to site, and nothing that was shown', async () => {
    const [one, two] = [openSite(), openSite()]
    const [a, b] = [
      await one.find(await one.arrive(somebody(1))),
      await two.find(await two.arrive(somebody(1))),
    ]
    expect(a?.sets.canvas).not.toEqual(b?.sets.canvas)
    const { db, tables } = storage
    const text = JSON.stringify([
      await db.select().from(tables.visitorProfiles),
      await db.select().from(tables.tokenCounts),
    ])
    for (const shown of ['canvas 1', 'Font 1', 'Graphics 1', 'Europe/Berlin', '203.0.113'])
      expect(text).not.toContain(shown)
  })
})

it('counts what answers teach at once, and writes it with the next flush', async () => {
  const { siteId, recogniser, profiles, look, ask } = openSite()
  await ask(somebody(1))
  const question = { atMs: START_MS, knowsProof: false }
  const taught = await recogniser.consider(siteId, look(somebody(1)), question)
  expect(taught.input.knowledge.tallies.size).toBeGreaterThan(0)
  expect(await profiles.tallies(siteId)).toEqual(new Map())
  await recogniser.flush()
  const written = await profiles.tallies(siteId)
  expect(written).toEqual(taught.input.knowledge.tallies)
  await recogniser.flush()
  expect(await profiles.tallies(siteId)).toEqual(written)
})
