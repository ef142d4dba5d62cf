import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { normalizeVisit } from './normal-visit.ts'
import { type NumberedVisit, readVisits } from './read-visits.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'read-visits-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function read(...lines: string[]) {
  const path = join(folder, 'visits.jsonl')
  await writeFile(path, lines.join('\n'))
  const visits: NumberedVisit[] = []
  for await (const visit of readVisits(path)) visits.push(visit)
  return visits
}

/** As RECOGNITION's replay format has it. */
const FULL = {
  ...{ t: '2026-03-01T08:00:00.000Z', browser: 'b17', network: '203.0.113.0/24' },
  evidence: { deviceKey: null, cookie: 'c1', deviceId: null },
  signals: {
    userAgent:
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36',
    uaData: {
      brands: [
        ['Not.A/Brand', '99'],
        ['Chromium', '156'],
        ['Chrome', '156'],
      ],
      ...{ platform: 'Windows', platformVersion: '15.0.0', model: '' },
    },
    ...{
      platform: 'Win32',
      gpuVendor: 'Google Inc. (NVIDIA)',
      gpuRenderer: 'ANGLE (NVIDIA, RTX 3060 Direct3D11)',
    },
    ...{ canvas: 'aa', webgl: 'bb', audio: '124.04', fonts: ['Arial'], screen: [1920, 1080] },
    ...{ devicePixelRatio: 1.25, colorDepth: 24, timezone: 'Europe/Madrid', languages: ['es-ES', 'en'] },
    ...{ hardwareConcurrency: 8, deviceMemory: 8, touchPoints: 0 },
  },
}

it('reads a visit that has every key', async () => {
  const [visit] = await read(JSON.stringify(FULL))
  expect(visit).toMatchObject({ line: 1, browser: 'b17' })
  expect(visit?.seen).toEqual({
    ...{ atMs: Date.UTC(2026, 2, 1, 8), network: '203.0.113.0/24', unstable: [] },
    ...{ evidence: { cookie: 'c1' }, signals: FULL.signals },
  })
})

it('reads a visit from which any one key is missing, and one without any', async () => {
  for (const key of ['t', 'browser', 'evidence', 'network', 'signals']) {
    const rest = Object.fromEntries(Object.entries(FULL).filter(([name]) => name !== key))
    expect(await read(JSON.stringify(rest))).toHaveLength(1)
  }
  expect((await read('{}'))[0]?.seen).toEqual({ atMs: 0, evidence: {}, signals: {}, unstable: [] })
})

it('puts a visit without a time at the moment of the one before it', async () => {
  const visits = await read(JSON.stringify(FULL), '{}')
  expect(visits.map(({ seen }) => seen.atMs)).toEqual([Date.UTC(2026, 2, 1, 8), Date.UTC(2026, 2, 1, 8)])
})

it('passes over blank lines, a byte order mark and carriage returns, and still counts lines', async () => {
  const visits = await read('\uFEFF{}\r', '', '  ', '{"browser":7}\r', '')
  expect(visits.map(({ line, browser }) => [line, browser])).toEqual([
    [1, undefined],
    [4, '7'],
  ])
})

it.each([
  ['{"t":', 'no JSON'],
  ['[]', 'the visit is no object'],
  ['null', 'the visit is no object'],
  ['{"t":"yesterday"}', 't is no time: "yesterday"'],
  ['{"t":true}', 't is no time: true'],
  ['{"t":"2026-02-01T00:00:00Z"}', 't goes back from 2026-03-01T08:00:00.000Z to 2026-02-01T00:00:00.000Z'],
  ['{"browser":{}}', 'browser is no text'],
  ['{"evidence":"c1"}', 'evidence is no object'],
  ['{"evidence":{"cookie":["c1"]}}', 'cookie is no text'],
  ['{"network":[]}', 'network is no text'],
  ['{"signals":[1]}', 'signals is no object'],
  ['{"unstable":"canvas"}', 'unstable is no list of names'],
])('names the line and what is wrong with %s', async (bad, reason) => {
  const reading = read(JSON.stringify(FULL), '', bad)
  await expect(reading).rejects.toThrow('line 3: ')
  await expect(reading).rejects.toThrow(reason)
})

it('hands every signal of the format on to the engine, client hints included', async () => {
  const [visit] = await read(JSON.stringify(FULL))
  const { signals } = normalizeVisit(visit?.seen ?? { signals: {}, unstable: [] })
  const asked = Object.keys(FULL.signals).filter((name) => name !== 'uaData')
  expect(Object.keys(signals)).toEqual(expect.arrayContaining(asked))
  expect(signals).toMatchObject({ uaPlatform: 'Windows', uaPlatformVersion: '15.0.0', browserMajor: 156 })
  expect(signals).not.toHaveProperty('model')
})

it('takes brands as objects too, and the engine where no browser names itself', () => {
  const major = (brands: unknown) =>
    normalizeVisit({ signals: { uaData: { brands } }, unstable: [] }).signals.browserMajor
  expect(
    major([
      { brand: 'Chromium', version: '156' },
      { brand: 'Opera', version: '142' },
    ]),
  ).toBe(142)
  expect(
    major([
      ['Chromium', '156.0.1'],
      ['Not?A_Brand', '8'],
    ]),
  ).toBe(156)
  expect(major([['Not)A;Brand', '8']])).toBeUndefined()
  expect(major('Chrome')).toBeUndefined()
})

it('lets a report claim neither a network nor noise in a signal that does not exist', () => {
  const normal = normalizeVisit({ signals: { networkPrefix: '10.0.0.0/24' }, unstable: ['canvas', 'rumour'] })
  expect(normal).toEqual({ signals: {}, unstable: ['canvas'] })
})
