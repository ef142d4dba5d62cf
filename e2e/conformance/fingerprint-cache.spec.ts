import type { Page } from '@playwright/test'
import { bundleScript, expect, type Site, test } from './support-fingerprint.ts'

declare const Cache: typeof import('../../packages/browser/src/fingerprint/cache.ts')

const FULL = { hash: 'a'.repeat(32), observedAtMs: 1 }

let script = ''
test.beforeAll(async () => {
  script = await bundleScript('fingerprint/cache.ts', 'Cache')
})

async function load(page: Page, site: Site): Promise<void> {
  await page.goto(site.origin)
  await page.addScriptTag({ content: script })
}

const write = (page: Page) =>
  page.evaluate((full) => Cache.createFingerprintCache({ storageKey: 'ha' }).write(full), FULL)
const read = (page: Page) =>
  page.evaluate(() => Cache.createFingerprintCache({ storageKey: 'ha' }).read() ?? null)
const restore = (page: Page) =>
  page.evaluate(async () => (await Cache.createFingerprintCache({ storageKey: 'ha' }).restore()) ?? null)
const traces = (page: Page) =>
  page.evaluate(async () => [localStorage.length, (await indexedDB.databases()).length])

test('is there at once after a reload, and back from IndexedDB when localStorage was wiped', async ({
  page,
  site,
}) => {
  await load(page, site)
  await write(page)
  await load(page, site)
  expect(await read(page)).toEqual(FULL)
  await page.evaluate(() => localStorage.clear())
  expect(await read(page)).toBeNull()
  expect(await restore(page)).toEqual(FULL)
  expect(await read(page), 'the mirror is healed').toEqual(FULL)
})

test('forgets in both places', async ({ page, site }) => {
  await load(page, site)
  await write(page)
  await page.evaluate(() => Cache.createFingerprintCache({ storageKey: 'ha' }).clear())
  expect(await traces(page), 'not even an empty database is left').toEqual([0, 0])
  await load(page, site)
  expect(await restore(page)).toBeNull()
})

test('neither making nor clearing it leaves a trace in a browser that had none', async ({ page, site }) => {
  await load(page, site)
  await page.evaluate(() => Cache.createFingerprintCache({ storageKey: 'ha' }).clear())
  expect(await traces(page)).toEqual([0, 0])
})

test('lives in memory in a frame that may store nothing', async ({ page, site }) => {
  site.answers.set('/frame', {
    type: 'text/html',
    body: `<!doctype html><script>${script.replaceAll('</script', '<\\/script')}</script>`,
  })
  await page.goto(site.origin)
  await page.evaluate(() => {
    const frame = Object.assign(document.createElement('iframe'), { src: '/frame' })
    frame.setAttribute('sandbox', 'allow-scripts')
    document.body.append(frame)
    return new Promise((resolve) => frame.addEventListener('load', resolve))
  })
  const frame = page.frames()[1]
  const kept = await frame?.evaluate(async (full) => {
    const cache = Cache.createFingerprintCache({ storageKey: 'ha' })
    await cache.write(full)
    const before = cache.read()
    await cache.clear()
    return [before, cache.read() ?? null]
  }, FULL)
  expect(kept).toEqual([FULL, null])
})
