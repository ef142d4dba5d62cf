import { describe, expect, it } from 'vitest'
import { type CheckedEvent, checkEvent, isFault } from './check-event.ts'
import { clientTimeOf, deriveEventId } from './policy.ts'

const NOW_MS = Date.UTC(2026, 5, 1, 12)
const HOUR_MS = 3_600_000
const RETENTION_MS = 90 * 24 * HOUR_MS

function eventOf(event: Record<string, unknown>): CheckedEvent {
  const checked = checkEvent({ eventType: 'PAGE_VIEW', ...event })
  if (isFault(checked)) throw new Error(checked.code)
  return checked
}
const at = (offsetMs: number) => new Date(NOW_MS + offsetMs).toISOString()
const clock = (sentAtMs: number | null = null) => ({
  receivedAtMs: NOW_MS,
  sentAtMs,
  retentionMs: RETENTION_MS,
})

describe('time of an event by the clock of its client', () => {
  it('is its timestamp, else that of the payload, else nothing', () => {
    const payload = { timestamp: at(-5000) }
    expect(clientTimeOf(eventOf({ timestamp: at(-9000), payload }), clock())).toBe(NOW_MS - 9000)
    expect(clientTimeOf(eventOf({ payload }), clock())).toBe(NOW_MS - 5000)
    expect(clientTimeOf(eventOf({}), clock())).toBeNull()
  })

  it('is nothing when the time of the payload is no time, or that of an example', () => {
    for (const timestamp of ['yesterday', 12, '2024-01-01T00:00:00.000Z']) {
      expect(clientTimeOf(eventOf({ payload: { timestamp } }), clock())).toBeNull()
    }
  })

  it('is refused where no clock of its session could bring it into range', () => {
    const isTaken = (offsetMs: number, sentAtMs: number | null = null) =>
      clientTimeOf(eventOf({ timestamp: at(offsetMs) }), clock(sentAtMs)) !== undefined
    expect(isTaken(24 * HOUR_MS)).toBe(true)
    expect(isTaken(25 * HOUR_MS)).toBe(false)
    expect(isTaken(-RETENTION_MS)).toBe(true)
    expect(isTaken(-RETENTION_MS - HOUR_MS)).toBe(false)
    // The clock is right now, but was wrong: correction moves a good time out of range.
    expect(isTaken(-RETENTION_MS, NOW_MS + HOUR_MS)).toBe(false)
    // Five years slow, but said so.
    expect(isTaken(-5 * 365 * 24 * HOUR_MS, NOW_MS - 5 * 365 * 24 * HOUR_MS)).toBe(true)
  })
})

describe('id of an event that brings none', () => {
  const session = { siteId: 's', sessionId: '0b0f4f3e-0000-4000-8000-000000000001' }

  it('is a UUIDv8, the same for the same event whatever the order of its keys', () => {
    const id = deriveEventId(session, eventOf({ payload: { a: 1, b: { c: 2, d: 3 } } }))
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(deriveEventId(session, eventOf({ payload: { b: { d: 3, c: 2 }, a: 1 } }))).toBe(id)
  })

  it('differs by session, site, type, payload and time', () => {
    const ids = [
      deriveEventId(session, eventOf({})),
      deriveEventId({ ...session, siteId: 't' }, eventOf({})),
      deriveEventId({ ...session, sessionId: '0b0f4f3e-0000-4000-8000-000000000002' }, eventOf({})),
      deriveEventId(session, eventOf({ eventType: 'QUIZ_STARTED' })),
      deriveEventId(session, eventOf({ payload: { page: '/' } })),
      deriveEventId(session, eventOf({ timestamp: at(0) })),
      deriveEventId(session, eventOf({ timestamp: at(1) })),
    ]
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('goes by seq alone where there is one', () => {
    const id = deriveEventId(session, eventOf({ seq: 3 }))
    expect(deriveEventId(session, eventOf({ seq: 3, payload: { page: '/' } }))).toBe(id)
    expect(deriveEventId(session, eventOf({ seq: 4 }))).not.toBe(id)
  })

  it('also exists for numbers that JSON cannot carry back', () => {
    const payload = JSON.parse('{"a":1e400,"b":-0,"c":1e-400}') as Record<string, unknown>
    expect(deriveEventId(session, eventOf({ payload }))).toMatch(/-8/)
  })
})
