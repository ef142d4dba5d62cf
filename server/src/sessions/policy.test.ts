import { describe, expect, it } from 'vitest'
import {
  checkProfile,
  isForbiddenField,
  isVisitOver,
  prefillSinceMs,
  presentSinceMs,
  profileCompletion,
} from './policy.ts'
import type { Session } from './ports.ts'

describe('isForbiddenField', () => {
  it.each([
    ...['password', 'Password2', 'pass', 'user_pass', 'passWord', 'newPassword', 'cardNumber', 'creditCard'],
    ...['cc', 'cvv2', 'CVC', 'iban', 'bankIBAN', 'ssn', 'otpCode', 'pin', 'totp', 'secret', 'accessToken'],
  ])('refuses %s', (name) => expect(isForbiddenField(name)).toBe(true))

  it.each([
    ...[
      'firstName',
      'email',
      'age',
      'shipping',
      'companion',
      'passportCountry',
      'spinning',
      'city',
      'discard',
    ],
    ...['opinion', 'household', 'compass', 'cardinal'],
  ])('takes %s', (name) => expect(isForbiddenField(name)).toBe(false))
})

it('a profile holds 64 fields, those that are there included', () => {
  const fields = (count: number, prefix: string) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`${prefix}${index}`, index]))
  expect(() => checkProfile(fields(32, 'b'), fields(32, 'a'))).not.toThrow()
  expect(() => checkProfile(fields(64, 'a'), fields(64, 'a'))).not.toThrow()
  expect(() => checkProfile(fields(33, 'b'), fields(32, 'a'))).toThrow('at most 64')
})

it('completion is the share of the documents’ fields that say something', () => {
  expect(profileCompletion({})).toBe(0)
  expect(profileCompletion({ email: 'a', firstName: '', shoe: 38 })).toBe(13)
  const all = { email: '1', firstName: '1', age: '1', gender: '1', profession: '1', country: '1', city: '1' }
  expect(profileCompletion({ ...all, household: '1' })).toBe(100)
})

it('a pause of 30 minutes goes on, a longer one ends the visit', () => {
  expect(isVisitOver(0, 30 * 60_000)).toBe(false)
  expect(isVisitOver(0, 30 * 60_000 + 1)).toBe(true)
})

it('what was told is handed on through sessions that overlap, and not over a gap', () => {
  const session = (id: string, createdAtMs: number, expiresAtMs: number) =>
    ({ id, createdAtMs, expiresAtMs }) as Session
  const [old, before, now] = [session('a', 0, 10), session('b', 20, 50), session('c', 40, 70)]
  expect(prefillSinceMs([now, old, before], now)).toBe(20)
  expect(prefillSinceMs([old, before], before)).toBe(20)
  expect(prefillSinceMs([old], old)).toBe(0)
})

it('S3 a pause of 30 days goes on, a longer one ends what may be told', () => {
  const DAY = 86_400_000
  const visit = (startedAtMs: number, lastAtMs = startedAtMs) => ({ startedAtMs, lastAtMs })
  expect(presentSinceMs([], 5)).toBe(5)
  expect(presentSinceMs([visit(DAY), visit(0)], 31 * DAY)).toBe(0)
  expect(presentSinceMs([visit(DAY), visit(0)], 31 * DAY + 1)).toBe(31 * DAY + 1)
  expect(presentSinceMs([visit(40 * DAY), visit(2 * DAY, 9 * DAY)], 40 * DAY)).toBe(40 * DAY)
  expect(presentSinceMs([visit(40 * DAY), visit(2 * DAY, 10 * DAY)], 40 * DAY)).toBe(2 * DAY)
})
