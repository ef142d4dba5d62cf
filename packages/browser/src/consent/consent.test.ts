import type { ConsentReport } from '@helloagain/protocol'
import { expect, it } from 'vitest'
import { createMemoryStorage } from '../persistence/memory.ts'
import { createConsent, hasOptOutSignal } from './consent.ts'

const given = (report: ConsentReport, isOptedOut = false, store = createMemoryStorage()) =>
  createConsent({ given: report, isOptedOut, store, key: 'consent' })

it.each([
  [{ choice: 'granted' }, false, 'recognition'],
  [{ choice: 'granted' }, true, 'cookieless'],
  [{ choice: 'granted', byPerson: true }, true, 'recognition'],
  [{ choice: 'unset' }, true, 'cookieless'],
  [{ choice: 'denied' }, false, 'off'],
  [{ choice: 'denied' }, true, 'off'],
] as const)('makes of %j with opt-out signal %s the mode %s', (report, signal, mode) => {
  const consent = given(report, signal)
  expect(consent.mode()).toBe(mode)
  expect(consent.isSettled()).toBe(true)
})

it('is cookieless and unsettled until the server tells what silence means', () => {
  const consent = given({ choice: 'unset' })
  expect([consent.mode(), consent.isSettled()]).toEqual(['cookieless', false])
  consent.learn('recognition')
  expect([consent.mode(), consent.isSettled()]).toEqual(['recognition', true])
})

it('never goes beyond what the server makes of the report', () => {
  const consent = given({ choice: 'granted' })
  consent.learn('recognition', 'cookieless')
  expect(consent.mode()).toBe('cookieless')
})

it("keeps a person's decision for the next page, where it outranks the page's own word", () => {
  const store = createMemoryStorage()
  given({ choice: 'unset' }, false, store).decide({ choice: 'denied', byPerson: true, wording: 'v2' })
  expect(JSON.parse(store.get('consent') ?? '')).toEqual({ choice: 'denied', wording: 'v2' })
  expect(given({ choice: 'granted' }, false, store).mode()).toBe('off')
  expect(given({ choice: 'granted', byPerson: true }, false, store).mode()).toBe('recognition')
})

it('keeps nothing of a grant nobody clicked', () => {
  const store = createMemoryStorage()
  given({ choice: 'unset' }, false, store).decide({ choice: 'granted' })
  expect(store.get('consent')).toBeUndefined()
})

it('ignores a damaged record', () => {
  const store = createMemoryStorage()
  store.set('consent', '{"choice":"maybe"}')
  expect(given({ choice: 'granted' }, false, store).mode()).toBe('recognition')
})

it.each([
  [{ globalPrivacyControl: true }, true],
  [{ doNotTrack: '1' }, true],
  [{ doNotTrack: 'unspecified' }, false],
  [{}, false],
])('reads %j as opt-out signal %s', (navigator, signal) => expect(hasOptOutSignal(navigator)).toBe(signal))
