import { randomUUID } from 'node:crypto'
import { startWeights } from '@helloagain/recognition/linkage'
import { describe, expect, it } from 'vitest'
import { onEveryEngine } from '../platform/storage/on-every-engine.ts'
import { createBotStore } from './bot-rows.ts'
import { createAlone } from './learning-lock-rows.ts'
import type { Model, Trial } from './learning-ports.ts'
import { createLearningStore } from './learning-rows.ts'
import { createRecognitionStore } from './store.ts'

const AT_MS = Date.UTC(2026, 0, 1)
const DAY_MS = 86_400_000

onEveryEngine('what a site learns', (storage) => {
  function openSite() {
    const siteId = randomUUID()
    const store = createLearningStore(storage())
    const visitors = createRecognitionStore(storage())
    async function arrive(lastSeenAtMs = AT_MS, firstSeenAtMs = AT_MS) {
      const id = randomUUID()
      const row = {
        id,
        siteId,
        firstSeenAtMs,
        lastSeenAtMs,
        visitCount: 1,
        userId: null,
        botReasons: null,
      }
      await visitors.insertVisitor(row)
      return id
    }
    async function keep(changes: Partial<Trial>) {
      const visitorId = changes.visitorId ?? (await arrive())
      const trial: Trial = {
        ...{ id: randomUUID(), siteId, visitorId, atMs: AT_MS, browserFamily: 'chrome', isReturn: true },
        ...{ method: 'fingerprint_exact', confidence: 99.4, isRight: true },
        input: { best: visitorId, comparisons: { right: 0 } },
        ...changes,
      }
      await store.keepTrial(trial)
      return trial
    }
    return { siteId, store, arrive, keep }
  }

  describe('trials', () => {
    it('come back as they were kept, newest first', async () => {
      const { siteId, store, keep } = openSite()
      const older = await keep({ isReturn: false, isRight: null, method: 'none', confidence: 12.5 })
      const newer = await keep({ atMs: AT_MS + 1 })
      expect(await store.readTrials(siteId, 10)).toEqual([
        { ...newer, isSeenSince: false },
        { ...older, isSeenSince: false },
      ])
      expect(await store.readTrials(siteId, 1)).toHaveLength(1)
      expect(await store.listSites()).toContain(siteId)
      expect(await store.readResults(siteId, AT_MS + 1)).toMatchObject([{ confidence: 99.4, isRight: true }])
    })

    it('are not kept of a visitor that is gone, nor read of a program', async () => {
      const { siteId, store, arrive, keep } = openSite()
      await keep({ visitorId: randomUUID() })
      const program = await arrive()
      await keep({ visitorId: program })
      await createBotStore(storage()).flagBot(siteId, program, ['webdriver'])
      expect(await store.readTrials(siteId, 10)).toEqual([])
      expect(await store.readResults(siteId, 0)).toEqual([])
    })

    it('are settled when both visitors have come again by themselves, and then only', async () => {
      const { siteId, store, arrive, keep } = openSite()
      const longAgoMs = AT_MS - 9 * DAY_MS
      const gone = await arrive(AT_MS - DAY_MS, longAgoMs)
      const back = await arrive(AT_MS + DAY_MS, longAgoMs)
      const once = await arrive(AT_MS + DAY_MS, AT_MS + DAY_MS)
      const own = () => arrive(AT_MS + 2 * DAY_MS)
      const naming = async (best: string | null, visitorId: string, isReturn = false) =>
        (await keep({ visitorId, isReturn, isRight: null, input: { best, comparisons: {} } })).id
      const open = {
        cleared: await naming(gone, await own()),
        clearedLater: await naming(gone, await own(), true),
        private: await naming(back, await arrive()),
        privateBefore: await naming(once, await own(), true),
        nobody: await naming(null, await own()),
      }
      const refuted = [await naming(back, await own()), await naming(back, await own(), true)]
      expect(await store.settle(siteId)).toBe(2)
      expect(await store.settle(siteId)).toBe(0)
      const rightness = new Map((await store.readTrials(siteId, 10)).map(({ id, isRight }) => [id, isRight]))
      expect(Object.values(open).map((id) => rightness.get(id))).toEqual([null, null, null, null, null])
      expect(refuted.map((id) => rightness.get(id))).toEqual([false, false])
    })

    it('stay open where somebody has said that both are one person', async () => {
      const { siteId, store, arrive, keep } = openSite()
      const [older, younger] = [await arrive(AT_MS + 2 * DAY_MS), await arrive(AT_MS + 2 * DAY_MS, AT_MS + 1)]
      await createRecognitionStore(storage()).merge(siteId, [younger, older], {
        atMs: AT_MS,
        by: 'somebody',
        reason: 'both mine',
      })
      await keep({ visitorId: younger, isRight: null, input: { best: older, comparisons: {} } })
      expect(await store.settle(siteId)).toBe(0)
    })

    it('stay no longer than their time and no more than their number', async () => {
      const { siteId, store, keep } = openSite()
      for (const days of [0, 1, 2, 3, 4]) await keep({ atMs: AT_MS + days })
      expect(await store.pruneTrials(siteId, { cutoffMs: AT_MS + 1, most: 100 })).toBe(1)
      expect(await store.pruneTrials(siteId, { cutoffMs: 0, most: 3 })).toBe(1)
      expect((await store.readTrials(siteId, 10)).map(({ atMs }) => atMs - AT_MS)).toEqual([4, 3, 2])
    })
  })

  describe('versions', () => {
    const model = (siteId: string, version: number, state: Model['state']): Model => ({
      ...{ id: randomUUID(), siteId, version, state },
      ...{ weights: startWeights(), report: { logLoss: 0.5 }, createdAtMs: AT_MS },
    })

    it('has one live at most; a refused one changes nothing', async () => {
      const { siteId, store } = openSite()
      expect(await store.findLive(siteId)).toBeUndefined()
      await store.enterModel(model(siteId, 1, 'live'))
      await store.enterModel(model(siteId, 2, 'refused'))
      expect((await store.findLive(siteId))?.version).toBe(1)
      const third = model(siteId, 3, 'live')
      await store.enterModel(third)
      expect(await store.findLive(siteId)).toEqual(third)
      expect((await store.listModels(siteId, 9)).map(({ state }) => state)).toEqual([
        'live',
        'refused',
        'retired',
      ])
      await store.retireLive(siteId)
      expect(await store.findLive(siteId)).toBeUndefined()
      expect((await store.latestModel(siteId))?.version).toBe(3)
    })

    it('is entered by one server only, whoever else has learned it, too', async () => {
      const { siteId, store } = openSite()
      const entered = await Promise.all(
        [1, 1, 1].map((version) => store.enterModel(model(siteId, version, 'live'))),
      )
      expect(entered.filter(Boolean)).toHaveLength(1)
      expect(await store.listModels(siteId, 9)).toHaveLength(1)
    })

    it('is forgotten after thirty more, unless it is live', async () => {
      const { siteId, store } = openSite()
      await store.enterModel(model(siteId, 1, 'live'))
      for (let version = 2; version <= 33; version += 1)
        await store.enterModel(model(siteId, version, 'refused'))
      const versions = (await store.listModels(siteId, 99)).map(({ version }) => version)
      expect([versions.length, versions.at(-2), versions.at(-1)]).toEqual([31, 4, 1])
    })
  })

  it('lets one server learn at a time', async () => {
    const { engine } = storage()
    const alone = createAlone(engine)
    const other: boolean[] = []
    const ran = await alone(async () => {
      if (engine.kind === 'postgres') other.push(await alone(async () => undefined))
    })
    expect(ran).toBe(true)
    expect(other).toEqual(engine.kind === 'postgres' ? [false] : [])
    expect(await alone(async () => undefined)).toBe(true)
  })
})
