import { expect, it } from 'vitest'
import { explain } from './explain.ts'
import type { Fact } from './facts.ts'
import type { Standing } from './look-around.ts'

const HERE: Standing = {
  mode: 'recognition',
  report: { choice: 'unset' },
  hasMode: true,
  isInStorage: true,
  hasCookies: true,
  pageHost: 'shop.example',
  endpointHost: 'shop.example',
  isPlainHttp: false,
  isFramed: false,
  mayObserve: true,
  timeBoundMs: 300,
}
const BEGAN: Fact = { what: 'began', isKnown: true }
const answered = (method: 'cookie' | 'device_id' | 'new_user', isReturning = true): Fact => ({
  what: 'answered',
  recognition: { method, isReturning },
  isSameId: true,
})

const headsOf = (facts: Fact[], changes: Partial<Standing> = {}) =>
  explain({ ...HERE, ...changes }, facts).map(({ head }) => head)
const textOf = (head: string, facts: Fact[], changes: Partial<Standing> = {}) =>
  explain({ ...HERE, ...changes }, facts).find((remark) => remark.head === head)?.text

it('says the answer first, and finds nothing wrong where a cookie proves it', () => {
  const remarks = explain(HERE, [BEGAN, answered('cookie'), { what: 'not_due' }])
  expect(remarks.map(({ head }) => head)).toEqual([
    'Recognised for certain',
    'Consent allows recognition',
    'The id was kept',
    'Not observed',
  ])
  expect(remarks.filter(({ tone }) => tone === 'problem')).toEqual([])
})

it('says no more than that the person refused', () => {
  expect(headsOf([BEGAN], { mode: 'off', report: { choice: 'denied' } })).toEqual(['Consent was refused'])
})

it.each([
  [{ choice: 'unset', optOutSignal: true } as const, 'Global Privacy Control or Do Not Track'],
  [{ choice: 'unset' } as const, 'The site’s rule for people who said nothing'],
])('names who made it cookieless: %o', (report, who) => {
  const cookieless = { mode: 'cookieless', report } as const
  expect(textOf('Consent stops at cookieless', [BEGAN], cookieless)).toContain(who)
  expect(headsOf([BEGAN], cookieless), 'nothing else was looked at').toHaveLength(2)
})

it.each<[Partial<Standing>, string]>([
  [{ hasCookies: false }, 'Cookies are off'],
  [{ isPlainHttp: true }, 'plain http'],
  [{ isFramed: true }, 'in a frame'],
  [{ endpointHost: 'hello.other.example' }, 'hello.other.example'],
  [{}, 'cleared'],
])('says what kept the cookie away: %o', (changes, reason) => {
  const text = textOf('The cookie did not come along', [BEGAN, answered('device_id')], changes)
  expect(text).toContain(reason)
})

it('misses no cookie on a first visit, nor by the second answer of a visit', () => {
  const first: Fact = { what: 'began', isKnown: false }
  expect(headsOf([first, answered('new_user', false)])).not.toContain('The cookie did not come along')
  const twice = [BEGAN, answered('cookie'), answered('device_id')]
  expect(headsOf(twice)).not.toContain('The cookie did not come along')
})

it('tells a first visit from one that nobody fits', () => {
  expect(headsOf([BEGAN, answered('cookie', false)])[0]).toBe('A first visit')
  expect(headsOf([BEGAN, answered('new_user', false)])[0]).toBe('Not recognised')
})

it.each([
  [0, undefined, 'It did not answer'],
  [403, 'site.origin_unknown', '403, site.origin_unknown'],
])('says why no session was opened: status %s', (status, refusal, text) => {
  expect(textOf('The server opened no session', [BEGAN, { what: 'failed_open', status, refusal }])).toContain(
    text,
  )
})

it.each([
  ['bound', 'The device key is in place'],
  ['made', 'A device key is being bound'],
  ['refused', 'No device key'],
] as const)('says how the device key stands: %s', (state, head) => {
  expect(headsOf([BEGAN, answered('cookie'), { what: 'key', state }])).toContain(head)
})

it('says that the browser keeps nothing, once it should', () => {
  expect(headsOf([BEGAN, answered('cookie')], { isInStorage: false })).toContain('Storage refused')
  expect(headsOf([BEGAN], { isInStorage: false })).not.toContain('Storage refused')
})

it('says that the browser could not be observed, instead of waiting for it', () => {
  const heads = headsOf([BEGAN, answered('cookie'), { what: 'unobserved' }])
  expect(heads).toContain('Could not be observed')
  expect(heads).not.toContain('Not observed yet')
})

it('does not promise a new start where the cookie goes on without storage', () => {
  const text = textOf('Storage refused', [BEGAN, answered('cookie')], { isInStorage: false })
  expect(text).toContain('cookie')
  expect(text).not.toContain('anew')
})

it('rates the observation, and names what was noisy or missing without a value', () => {
  const report = {
    hash: 'a'.repeat(32),
    signals: {
      timezone: 'Europe/Madrid',
      userAgent: 'Mozilla/ (X11; Linux x86_64) Example/',
      platform: 'Win32',
    },
    unstable: ['canvas'],
  }
  const remarks = explain(HERE, [BEGAN, answered('cookie'), { what: 'observed', report, isPartial: true }])
  const observed = remarks.find(({ head }) => /^Observed with \d+ of 100$/.test(head))
  expect(observed?.tone).toBe('problem')
  expect(observed?.text).toContain('noise to: drawing.')
  expect(observed?.text).toContain('Missing: graphics card')
  expect(observed?.text).toContain('Two operating systems')
  expect(remarks.map(({ head }) => head)).toContain('Time ran out')
  expect(JSON.stringify(remarks)).not.toMatch(/Madrid|Mozilla|Win32|aaaa/)
})
