import { describe, expect, it } from 'vitest'
import { planLookup } from './plan-lookup.ts'
import { LAPTOP, see } from './sample-browsers.ts'

const blocksOf = (change: object = {}) => planLookup(see({ ...LAPTOP, ...change })).blocks

describe('planLookup', () => {
  it.each([
    ['a monitor', { screen: [2560, 1440], devicePixelRatio: 1 }],
    ['zoom', { devicePixelRatio: 1.5, canvasText: 'zoomed' }],
    ['a journey', { timezone: 'Asia/Tokyo', timezoneOffset: -540 }],
    ['a language', { languages: ['en-GB'] }],
    ['a browser update', { userAgent: LAPTOP.userAgent.replace('156', '157'), canvas: 'new' }],
    ['preferences', { reducedMotion: true, contrast: 'more', forcedColors: true }],
    ['a touch screen', { touchPoints: 10 }],
    ['a driver', { gpuRenderer: 'other', webgl: 'other', canvas: 'other' }],
    ['fonts', { fonts: ['Arial'] }],
    ['a system update', { uaPlatformVersion: '19.0.0', canvas: 'new', audio: 1, fonts: ['Arial'] }],
    ['a journey with a monitor', { timezone: 'Asia/Tokyo', screen: [2560, 1440], devicePixelRatio: 1 }],
    ['a system update while travelling', { uaPlatformVersion: '19', canvas: 'new', timezone: 'Asia/Tokyo' }],
  ])('spares a block after %s', (_, change) => {
    const before = new Set(blocksOf())
    expect(blocksOf(change).some((block) => before.has(block))).toBe(true)
  })

  it('shares no block between browsers or systems', () => {
    const other = blocksOf({ userAgent: 'Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/156.0' })
    expect(other.some((block) => blocksOf().includes(block))).toBe(false)
  })

  it('looks under six blocks and asks for twenty-four frequencies at most', () => {
    const { blocks, counts } = planLookup(see(LAPTOP, { networkPrefix: '203.0.113.0/24' }))
    expect(blocks.length).toBeLessThanOrEqual(6)
    expect(counts.length).toBeLessThanOrEqual(24)
    expect(new Set(counts).size).toBe(counts.length)
  })

  it('plans for an observation of nothing', () => {
    expect(planLookup(see({})).blocks).toEqual([])
  })
})
