import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { generateVisits } from '../world/generate.ts'
import { findWorld } from '../world/worlds.ts'
import { runReplay } from './command.ts'
import type { DecisionLine } from './write-decisions.ts'

const told: string[] = []
let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'replay-command-'))
  told.length = 0
  vi.spyOn(console, 'error').mockImplementation((text) => void told.push(text))
  vi.spyOn(console, 'log').mockImplementation((text) => void told.push(text))
})
afterEach(async () => {
  vi.restoreAllMocks()
  await rm(folder, { recursive: true, force: true })
})

const WORLD = { ...findWorld('tune-restless-7d'), browsers: 20, days: 45 }
type Line = Readonly<Record<string, unknown>>
const WORLD_LINES: readonly Line[] = [...generateVisits(WORLD)].map((line) => ({ ...line }))

async function write(name: string, lines: readonly (Line | string)[]): Promise<string> {
  const path = join(folder, name)
  const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line)))
  await writeFile(path, `${text.join('\n')}\n`)
  return path
}

interface Asked {
  readonly isCold?: boolean
  readonly calibrate?: string
}

/** Decisions over a recording, without the time they took, which is never the same. */
async function replay(lines: readonly Line[], { isCold = false, ...rest }: Asked = {}) {
  const out = join(folder, 'decisions.jsonl')
  const code = await runReplay({ replay: await write('visits.jsonl', lines), out, isCold, ...rest })
  expect(code).toBe(0)
  const decisions = (await readFile(out, 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as DecisionLine)
  return decisions.map(({ microseconds, ...decision }) => {
    expect(microseconds).toBeGreaterThanOrEqual(0)
    return decision
  })
}

const without = (lines: readonly Line[], ...names: string[]) =>
  lines.map((line) => Object.fromEntries(Object.entries(line).filter(([name]) => !names.includes(name))))

it('answers every line, in order, in the format', async () => {
  const decisions = await replay(WORLD_LINES)
  expect(decisions.map(({ line }) => line)).toEqual(WORLD_LINES.map((_, index) => index + 1))
  for (const decision of decisions) {
    expect(decision).toMatchObject({ visitor: expect.any(String), method: expect.any(String) })
    expect(decision.confidence).toBeGreaterThanOrEqual(0)
    expect(decision.confidence).toBeLessThanOrEqual(100)
    expect(decision.anonymitySet).toBeGreaterThanOrEqual(1)
  }
  expect(new Set(decisions.map(({ method }) => method))).toContain('device_key')
})

it('never shows the truth to the engine: other browsers in the recording, or none, and the answers are the same', async () => {
  for (const isCold of [false, true]) {
    const decisions = await replay(WORLD_LINES, { isCold })
    const lies = WORLD_LINES.map((line, index) => ({ ...line, browser: `b${index % 3}` }))
    expect(await replay(lies, { isCold })).toEqual(decisions)
    expect(await replay(without(WORLD_LINES, 'browser'), { isCold })).toEqual(decisions)
  }
})

it('sees nothing but the signals when cold: evidence and network taken away, the answers are the same', async () => {
  const decisions = await replay(WORLD_LINES, { isCold: true })
  const bare = without(WORLD_LINES, 'evidence', 'network')
  expect(await replay(bare, { isCold: true })).toEqual(decisions)
  expect(await replay(bare)).toEqual(decisions)
  const methods = new Set(decisions.map(({ method }) => method))
  expect([...methods].filter((method) => !/^(fingerprint_(exact|similar)|new|none)$/.test(method))).toEqual(
    [],
  )
})

it('names only visitors that an earlier line was kept under', async () => {
  const kept = new Set<string>()
  for (const { visitor, method, kept: apart } of await replay(WORLD_LINES, { isCold: true })) {
    if (method.startsWith('fingerprint_')) expect(kept).toContain(visitor)
    kept.add(apart ?? visitor)
  }
})

const visit = (second: number, evidence: Line, signals: Line = {}) => ({
  t: new Date(Date.UTC(2026, 2, 1, 8, 0, second)).toISOString(),
  ...{ evidence, signals },
})

it('goes by the strongest evidence that is known; what was just given says nothing yet', async () => {
  const decisions = await replay([
    visit(0, { deviceKey: 'k1', cookie: 'c1', deviceId: 'd1' }),
    visit(1, { deviceKey: 'k1', cookie: 'c2', deviceId: 'd2' }),
    // The cookie that came with a known key is its visitor's, too.
    visit(2, { deviceKey: 'k2', cookie: 'c2' }),
    visit(3, { deviceId: 'd1' }),
    visit(4, { deviceKey: 'k9', cookie: 'c9' }),
    // Key before cookie, though they are two visitors'.
    visit(5, { deviceKey: 'k9', cookie: 'c1' }),
  ])
  const [first, , , , other] = decisions
  expect(decisions.map(({ method }) => method)).toEqual([
    expect.not.stringMatching(/device|cookie/),
    'device_key',
    'cookie',
    'device_id',
    expect.not.stringMatching(/device|cookie/),
    'device_key',
  ])
  expect(decisions.map(({ visitor }) => visitor)).toEqual([
    ...Array.from({ length: 4 }, () => first?.visitor),
    ...[other?.visitor, other?.visitor],
  ])
  expect(other?.visitor).not.toBe(first?.visitor)
})

it('lets a device id that two visitors brought name neither', async () => {
  const decisions = await replay([
    visit(0, { deviceKey: 'k1', deviceId: 'copied' }),
    visit(1, { deviceKey: 'k2' }),
    visit(2, { deviceKey: 'k2', deviceId: 'copied' }),
    visit(3, { deviceId: 'copied' }),
  ])
  expect(decisions[3]?.method).not.toBe('device_id')
})

it('forgets whom it taught itself with, and keeps what it learned', async () => {
  const calibrate = await write('labelled.jsonl', WORLD_LINES)
  const decisions = await replay(WORLD_LINES, { calibrate, isCold: true })
  // Somebody remembered from the calibration could be named on the first line already.
  expect(decisions[0]?.method).toMatch(/new|none/)
  expect(decisions[0]?.anonymitySet).toBe(1)
})

it('says which line is bad, exits with 2, and leaves no file, nor touches the one that is there', async () => {
  const out = join(folder, 'decisions.jsonl')
  const recording = await write('bad.jsonl', [...WORLD_LINES.slice(0, 3), '{"t":', '{}'])
  expect(await runReplay({ replay: recording, out, isCold: false })).toBe(2)
  expect(told.at(-1)).toContain('bad.jsonl, line 4: no JSON')
  expect(await readdir(folder)).toEqual(['bad.jsonl'])

  await writeFile(out, 'of yesterday')
  expect(await runReplay({ replay: recording, out, isCold: false })).toBe(2)
  expect(await readFile(out, 'utf8')).toBe('of yesterday')
})

it('exits with 2 where a recording cannot be read or the answers cannot be written', async () => {
  const out = join(folder, 'decisions.jsonl')
  expect(await runReplay({ replay: join(folder, 'nowhere.jsonl'), out, isCold: false })).toBe(2)
  expect(told.at(-1)).toContain('nowhere.jsonl')
  expect(existsSync(out)).toBe(false)
  const recording = await write('visits.jsonl', WORLD_LINES.slice(0, 1))
  expect(await runReplay({ replay: recording, out: join(folder, 'no', 'where'), isCold: false })).toBe(2)
})
