import { describe, expect, it } from 'vitest'
import { scrubPayload } from './scrub-payload.ts'

describe('scrubPayload', () => {
  it('scrubs addresses in fields that hold one, at any depth, and addresses anywhere', () => {
    const payload = {
      page: '/reset?token=1',
      referrer: 'https://mail.example/inbox?user=ann#x',
      linkUrl: '/a?b=c',
      nested: { previous_page: '/b#c', list: ['https://c.example/?d=e'] },
      message: 'failed: https://f.example/g?h=i',
    }
    expect(scrubPayload('PAGE_VIEW', payload)).toEqual({
      page: '/reset',
      referrer: 'https://mail.example/inbox',
      linkUrl: '/a',
      nested: { previous_page: '/b', list: ['https://c.example/'] },
      message: 'failed: https://f.example/g',
    })
  })

  it('leaves everything else as it is', () => {
    const payload = {
      quizType: 'what-now?',
      answersCount: 3,
      ok: true,
      none: null,
      page: 'Home',
      text: 'a # b',
    }
    expect(scrubPayload('QUIZ_STARTED', payload)).toEqual(payload)
  })

  describe('of FORM_PROGRESS', () => {
    const scrub = (payload: Record<string, unknown>) => scrubPayload('FORM_PROGRESS', payload)

    it('keeps what is said about the form', () => {
      const payload = {
        formType: 'signup',
        page: '/signup?x=1',
        step: 2,
        totalSteps: 4,
        progress: 50,
        field: 'email',
        timestamp: '2026-01-01T00:00:00.000Z',
      }
      expect(scrub(payload)).toEqual({ ...payload, page: '/signup', fields: ['email'] })
    })

    it('leaves what our SDK sends as it is', () => {
      const payload = {
        formType: 'signup',
        fieldsCompleted: 1,
        fieldsTotal: 4,
        page: '/signup',
        fields: ['email'],
      }
      expect(scrub(payload)).toEqual(payload)
    })

    it.each([
      [{ fields: ['email', 'age'] }],
      [{ fields: { email: 'ann@example.com', age: 31 } }],
      [{ values: { email: 'ann@example.com', age: '31' } }],
      [
        {
          fields: [
            { name: 'email', value: 'ann@example.com' },
            { field: 'age', value: 31 },
          ],
        },
      ],
      [{ email: 'ann@example.com', age: { years: 31 } }],
    ])('keeps the names of %j and never the values', (payload) => {
      expect(scrub(payload)).toEqual({ fields: ['email', 'age'] })
    })

    it('drops values that pose as names', () => {
      expect(scrub({ fields: ['ann@example.com', '+1 555', 'ok'], field: 'Ann Example' })).toEqual({
        fields: ['ok'],
      })
    })
  })
})
