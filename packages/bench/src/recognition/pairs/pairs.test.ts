import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { areaUnderCurve } from './auc.ts'
import { readPairs } from './read-pairs.ts'

const HEADER =
  'same_browser,gap_days,canvas_same,fonts_both,fonts_same,language_similarity,plugins_similarity,renderer_similarity,resolution_same,timezone_same,user_agent_similarity,attributes_changed'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pairs-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function read(...lines: string[]) {
  const path = join(folder, 'pairs.csv')
  await writeFile(path, `${lines.join('\n')}\n`)
  return readPairs(path)
}

it('sees likeness below 1 as another token', async () => {
  const [pair] = await read(HEADER, '1,9.667,1,0,0,1.0,0.99,1.0,0,1,0.9722,3')
  expect(pair).toMatchObject({ isSameBrowser: true, gapDays: 9.667 })
  expect(Object.fromEntries(pair?.comparison.map(({ signal, isEqual }) => [signal, isEqual]) ?? [])).toEqual({
    ...{ userAgent: false, browserMajor: false, canvas: true, gpuRenderer: true },
    ...{ languages: true, plugins: false, screen: false, timezone: true },
  })
})

it('compares fonts only where both browsers listed them', async () => {
  const [without, withFonts] = await read(HEADER, '0,0,1,0,0,1,1,1,1,1,1,0', '0,0,1,1,0,1,1,1,1,1,1,0')
  expect(without?.comparison.some(({ signal }) => signal === 'fonts')).toBe(false)
  expect(withFonts?.comparison).toContainEqual({ signal: 'fonts', isEqual: false })
})

it('refuses a file that lacks a column or has something else than numbers', async () => {
  await expect(read('same_browser,gap_days', '1,2')).rejects.toThrow('has no column fonts_both')
  await expect(read(HEADER, '1,9,1,0,0,1.0,,1.0,0,1,0.9722,3')).rejects.toThrow('line 2: plugins_similarity')
})

const item = (score: number, isPositive: boolean) => ({ score, isPositive })

it('counts pairs of one positive and one negative, ties half', () => {
  // Of 2 × 2 comparisons: 3 over 2, 3 over 1, 2 ties with 2, 2 over 1.
  const items = [item(3, true), item(2, true), item(2, false), item(1, false)]
  expect(areaUnderCurve(items).auc).toBe(3.5 / 4)
  expect(areaUnderCurve(items.map(({ score, isPositive }) => item(-score, isPositive))).auc).toBe(0.5 / 4)
})

it('knows how sure it is: the example of Hanley and McNeil, 1982, table II', () => {
  // 51 abnormal and 58 normal images in five classes; the paper finds .893 by ranks and a standard error of .032.
  const normal = [33, 6, 6, 11, 2]
  const abnormal = [3, 2, 2, 11, 33]
  const items = [false, true].flatMap((isPositive) =>
    (isPositive ? abnormal : normal).flatMap((count, score) =>
      Array.from({ length: count }, () => item(score, isPositive)),
    ),
  )
  const { auc, standardError } = areaUnderCurve(items)
  expect(auc).toBeCloseTo(0.893, 3)
  expect(standardError).toBeCloseTo(0.032, 3)
})
