import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createServerKeys } from '../platform/crypto/server-keys.ts'
import { onEveryEngine } from '../platform/storage/on-every-engine.ts'
import { openRecognition } from '../testing/open-recognition.ts'
import type { Observation } from './ports.ts'

const AT_MS = Date.UTC(2026, 0, 1)
const keys = createServerKeys('k'.repeat(43))
const newHash = () => randomUUID().replaceAll('-', '')

const observation = (hash: string, changes: Partial<Observation> = {}): Observation => ({
  ...{ hash, confidence: 95, bits: 13.4, source: 'client_header' as const },
  ...changes,
})

onEveryEngine('recognition', (storage) => {
  /** A site of its own, so that tests do not count each other's visitors. */
  function openSite() {
    const siteId = randomUUID()
    const { store, recognition } = openRecognition(storage(), { keys, nowMs: () => AT_MS })
    let atMs = AT_MS
    return {
      siteId,
      store,
      recognition,
      async arrive(evidence: { deviceId?: string; fingerprint?: Observation } = {}) {
        atMs += 1000
        const visitor = await recognition.createVisitor(siteId, atMs)
        await recognition.remember(siteId, visitor.id, evidence, atMs)
        return visitor.id
      },
    }
  }

  describe('by device id', () => {
    it('points to the one visitor that brought it, on its own site only', async () => {
      const { siteId, recognition, arrive } = openSite()
      const deviceId = randomUUID()
      const known = await arrive({ deviceId })
      const match = await recognition.match(siteId, { deviceId })
      expect(match).toEqual({
        ...{ visitorId: known, method: 'device_id', confidence: 99 },
        ...{ observationConfidence: 100, anonymitySet: 1 },
      })
      expect(match && recognition.isLinkable(match)).toBe(true)
      expect(await recognition.match(randomUUID(), { deviceId })).toBeUndefined()
    })

    it('abstains where two people brought it, and counts linked visitors as one', async () => {
      const { siteId, recognition, arrive } = openSite()
      const deviceId = randomUUID()
      const first = await arrive({ deviceId })
      const match = await recognition.match(siteId, { deviceId })
      const second = await arrive({ deviceId })
      expect(await recognition.match(siteId, { deviceId })).toBeUndefined()
      if (match) await recognition.link(siteId, second, match, AT_MS)
      expect((await recognition.match(siteId, { deviceId }))?.visitorId).toBe(first)
    })

    it('is stored as a token, not as it came', async () => {
      const { siteId, store, arrive } = openSite()
      const deviceId = randomUUID()
      await arrive({ deviceId })
      expect(await store.holdersOfDevice(siteId, deviceId, 10)).toEqual([])
    })
  })

  describe('by fingerprint', () => {
    it('points to the one visitor that holds it', async () => {
      const { siteId, recognition, arrive } = openSite()
      const fingerprint = observation(newHash())
      const known = await arrive({ fingerprint })
      const match = await recognition.match(siteId, { fingerprint })
      expect(match).toMatchObject({
        visitorId: known,
        method: 'fingerprint_recognized',
        observationConfidence: 95,
        anonymitySet: 1,
      })
    })

    it('abstains below an observation of 60, for a server-made one, and for an unknown one', async () => {
      const { siteId, recognition, arrive } = openSite()
      const hash = newHash()
      await arrive({ fingerprint: observation(hash) })
      const weak = observation(hash, { confidence: 59 })
      const made = observation(hash, { source: 'server_generated' })
      expect(await recognition.match(siteId, { fingerprint: weak })).toBeUndefined()
      expect(await recognition.match(siteId, { fingerprint: made })).toBeUndefined()
      expect(await recognition.match(siteId, { fingerprint: observation(newHash()) })).toBeUndefined()
    })

    it('abstains where several unlinked visitors hold it, also again once a link was undone', async () => {
      const { siteId, recognition, arrive } = openSite()
      const fingerprint = observation(newHash())
      await arrive({ fingerprint })
      const match = await recognition.match(siteId, { fingerprint })
      const second = await arrive({ fingerprint })
      expect(await recognition.match(siteId, { fingerprint })).toBeUndefined()
      if (match) await recognition.link(siteId, second, match, AT_MS)
      expect(await recognition.match(siteId, { fingerprint })).toBeDefined()
      const { db, tables } = storage()
      await db.update(tables.visitorLinks).set({ undoneAtMs: AT_MS })
      expect(await recognition.match(siteId, { fingerprint })).toBeUndefined()
    })

    it('does not point a visitor at itself', async () => {
      const { siteId, recognition, arrive } = openSite()
      const fingerprint = observation(newHash())
      const own = await arrive({ fingerprint })
      expect(await recognition.match(siteId, { fingerprint }, own)).toBeUndefined()
    })

    it('is no more certain than its bits allow among the site’s visitors', async () => {
      const { siteId, recognition, arrive } = openSite()
      const few = observation(newHash(), { confidence: 60, bits: 8.48 })
      await arrive({ fingerprint: few })
      for (let count = 0; count < 9; count += 1) await arrive()
      const match = await recognition.match(siteId, { fingerprint: few })
      // 1 / (1 + 10 × 2^-8.48)
      expect(match?.confidence).toBe(97)
      expect(match && recognition.isLinkable(match)).toBe(false)
    })

    it('keeps the better observation and its first time, and no server-made one', async () => {
      const { siteId, store, recognition } = openSite()
      const { id } = await recognition.createVisitor(siteId, AT_MS)
      const hash = newHash()
      const remember = (fingerprint: Observation, atMs: number) =>
        recognition.remember(siteId, id, { fingerprint }, atMs)
      await remember(observation(hash, { confidence: 70 }), AT_MS)
      await remember(observation(hash, { confidence: 90 }), AT_MS + 1)
      await remember(observation(hash, { confidence: 61 }), AT_MS + 2)
      await remember(observation(hash, { confidence: 99, source: 'server_generated' }), AT_MS + 3)
      expect(await store.bestObservation(siteId, hash)).toBe(90)
      expect(await recognition.hasFingerprint(id)).toBe(true)
      const made = newHash()
      await remember(observation(made, { source: 'server_generated' }), AT_MS)
      expect(await store.bestObservation(siteId, made)).toBeUndefined()
    })
  })

  it('asks the device id first', async () => {
    const { siteId, recognition, arrive } = openSite()
    const deviceId = randomUUID()
    const fingerprint = observation(newHash())
    await arrive({ fingerprint })
    const byDevice = await arrive({ deviceId })
    expect((await recognition.match(siteId, { deviceId, fingerprint }))?.visitorId).toBe(byDevice)
  })

  it('keeps a link once, shows it from both ends, and never links a visitor to itself', async () => {
    const { siteId, recognition, arrive } = openSite()
    const [first, second] = [await arrive(), await arrive()]
    const match = {
      ...{ visitorId: first, method: 'device_id' as const, confidence: 99 },
      ...{ observationConfidence: 100, anonymitySet: 1 },
    }
    await recognition.link(siteId, second, match, AT_MS)
    await recognition.link(siteId, second, match, AT_MS + 1)
    await recognition.link(siteId, first, match, AT_MS)
    const links = await recognition.listLinks(siteId, first)
    expect(links).toMatchObject([{ visitorId: second, knownVisitorId: first, createdAtMs: AT_MS }])
    expect(await recognition.listLinks(siteId, second)).toEqual(links)
    expect(await recognition.listLinks(randomUUID(), first)).toEqual([])
  })

  it('makes a visitor with a given id once', async () => {
    const { siteId, store, recognition } = openSite()
    const id = randomUUID()
    await Promise.all(Array.from({ length: 10 }, () => recognition.createVisitor(siteId, AT_MS, id)))
    expect(await store.countVisitors(siteId)).toBe(1)
    expect(await recognition.findVisitor(siteId, id)).toMatchObject({
      id,
      visitCount: 0,
      firstSeenAtMs: AT_MS,
    })
    expect(await recognition.findVisitor(randomUUID(), id)).toBeUndefined()
  })

  it('forgets all a visitor could be recognised by', async () => {
    const { siteId, recognition, arrive } = openSite()
    const evidence = { deviceId: randomUUID(), fingerprint: observation(newHash()) }
    const id = await arrive(evidence)
    expect(await recognition.forget(siteId, id)).toBe(2)
    expect(await recognition.match(siteId, evidence)).toBeUndefined()
    expect(await recognition.forget(siteId, id)).toBe(0)
  })
})
