import { expect, it } from 'vitest'
import { drawReliability, drawRiskCoverage } from './plots.ts'

const linker = (name: string, isOurs = false) => ({ name, isOurs })
const numbersOf = (svg: string, element: 'circle' | 'polyline') =>
  [...svg.matchAll(new RegExp(`<${element} [^>]*>`, 'g'))].map(([tag]) => tag)

it('writes what is on the axes and who is drawn, for readers and for those who cannot see', () => {
  const svg = drawReliability('a world', [
    { ...linker('Hello Again', true), bins: [{ count: 3, claimed: 0.5, found: 0.5 }] },
    { ...linker('rules <7> & "more"'), bins: [] },
  ])
  for (const text of [
    'claimed confidence',
    'found right',
    'a world',
    'Hello Again',
    'perfectly calibrated',
    '<desc>',
  ]) {
    expect(svg).toContain(text)
  }
  expect(svg).toContain('rules &lt;7&gt; &amp; &quot;more&quot;')
  expect(svg).toContain('prefers-color-scheme:dark')
})

it('puts a calibrated linker on the diagonal, corner to corner', () => {
  const bins = [0, 0.5, 1].map((share) => ({ count: 1, claimed: share, found: share }))
  const svg = drawReliability('a world', [{ ...linker('ours', true), bins }])
  const dashed = /stroke-dasharray="5 5" x1="([\d.]+)" y1="([\d.]+)" x2="([\d.]+)" y2="([\d.]+)"/.exec(svg)
  const [, x1 = 0, y1 = 0, x2 = 0, y2 = 0] = (dashed ?? []).map(Number)
  const dots = [...svg.matchAll(/<circle [^>]*cx="([\d.]+)" cy="([\d.]+)"/g)].map(([, x, y]) => [
    Number(x),
    Number(y),
  ])
  expect(dots).toEqual([
    [x1, y1],
    [(x1 + x2) / 2, (y1 + y2) / 2],
    [x2, y2],
  ])
})

it('draws one point for a linker that is always equally sure, where all its answers lie', () => {
  const bins = [0.2, 0.4, 0.9].map((found) => ({ count: 2, claimed: 1, found }))
  const svg = drawReliability('a world', [{ ...linker('a rival'), bins }])
  const half = drawReliability('a world', [
    { ...linker('a rival'), bins: [{ count: 6, claimed: 1, found: 0.5 }] },
  ])
  expect(numbersOf(svg, 'circle')).toHaveLength(1)
  expect(numbersOf(svg, 'circle')).toEqual(numbersOf(half, 'circle'))
})

it('draws no risk on the floor of the logarithmic axis, and ten times the risk one step higher', () => {
  const points = [0, 0.0001, 0.001, 0.01].map((risk, index) => ({ coverage: index / 10, risk }))
  const svg = drawRiskCoverage('a world', [{ ...linker('ours', true), points }])
  const heights = [...svg.matchAll(/<circle [^>]*cy="([\d.]+)"/g)].map(([, y]) => Number(y))
  expect(heights[0]).toBe(heights[1])
  expect((heights[1] ?? 0) - (heights[2] ?? 0)).toBeCloseTo((heights[2] ?? 0) - (heights[3] ?? 0), 0)
})

it('draws a long curve as a line of some hundred points that reaches its end', () => {
  const points = Array.from({ length: 10_000 }, (_, index) => ({ coverage: index / 9999, risk: 0.01 }))
  const svg = drawRiskCoverage('a world', [{ ...linker('ours', true), points }])
  const [line = ''] = numbersOf(svg, 'polyline')
  const places = /points="([^"]+)"/.exec(line)?.[1]?.split(' ') ?? []
  expect(places.length).toBeLessThan(400)
  expect(places.at(-1)).toMatch(/^524\.0,/)
  expect(numbersOf(svg, 'circle')).toEqual([])
})
