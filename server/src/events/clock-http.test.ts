import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { onEveryEngine } from '../platform/storage/on-every-engine.ts'
import { cookieOf, eventOf, sendEvents, storedEvents } from '../testing/send-events.ts'
import { startServer } from '../testing/start-server.ts'

const HOUR_MS = 3_600_000

onEveryEngine('a device whose clock is an hour slow', (storage) => {
  it('keeps the order of its events through jitter, a restart and equal times, page by page', async () => {
    const sessionId = randomUUID()
    const first = await startServer({ storage: storage() })
    const nowMs = first.clock.nowMs()
    const at = (offsetMs: number) => new Date(nowMs - HOUR_MS + offsetMs).toISOString()
    const event = (seq: number) =>
      eventOf({ seq, payload: { seq }, timestamp: at(seq * 10 - 5000), eventId: randomUUID() })
    // Sent 40 s before it arrived: the later events, which travelled faster, may not go before it.
    const opened = await sendEvents(
      first.url,
      { sentAt: at(-40_000), events: [event(2), event(0), event(1)] },
      { 'X-Session-ID': sessionId },
    )
    expect(opened.body).toMatchObject({ accepted: 3, rejected: [] })
    const headers = { 'X-Session-ID': sessionId, Cookie: cookieOf(opened) }
    await first.close()
    const second = await startServer({ storage: storage() })
    try {
      await sendEvents(second.url, { sentAt: at(0), events: [event(4), event(3)] }, headers)
      await sendEvents(second.url, { sentAt: at(1000), events: [event(5)] }, headers)
      const rows = await storedEvents(second, sessionId)
      for (const { timestampMs } of rows) expect(Math.abs(timestampMs - nowMs)).toBeLessThan(60_000)
      const seqs: unknown[] = []
      for (let before = ''; before !== 'none'; ) {
        const page = await fetch(`${second.url}/api/sessions/${sessionId}/events?limit=1${before}`, {
          headers,
        })
        // biome-ignore lint/suspicious/noExplicitAny: an answer of any shape; the expectations say which.
        const body = (await page.json()) as any
        seqs.push(body.events[0].payload.seq)
        before = body.nextBefore === null ? 'none' : `&before=${body.nextBefore}`
      }
      expect(seqs).toEqual([5, 4, 3, 2, 1, 0])
      const { userSessions } = storage().tables
      const [kept] = (await storage().db.select().from(userSessions)).filter(
        (row) => row.sessionId === sessionId,
      )
      expect(Math.abs((kept?.clockOffsetMs ?? 0) - HOUR_MS)).toBeLessThan(10_000)
    } finally {
      await second.close()
    }
  })

  it('422 for a single event that is out of range by the clock that the session has shown', async () => {
    const server = await startServer({ storage: storage() })
    try {
      const sessionId = randomUUID()
      const at = (offsetMs: number) => new Date(server.clock.nowMs() + offsetMs).toISOString()
      const fast = { sentAt: at(-HOUR_MS), ...eventOf({ timestamp: at(-HOUR_MS) }) }
      const opened = await sendEvents(server.url, fast, { 'X-Session-ID': sessionId })
      const headers = { 'X-Session-ID': sessionId, Cookie: cookieOf(opened) }
      const ahead = eventOf({ timestamp: at(24 * HOUR_MS - 60_000) })
      const refused = await sendEvents(server.url, ahead, headers)
      expect([refused.status, refused.body.error.code]).toEqual([422, 'event.timestamp_out_of_range'])
      const batch = await sendEvents(server.url, { events: [{}, ahead, eventOf()] }, headers)
      expect(batch.body).toMatchObject({ accepted: 1, rejected: [{ index: 0 }, { index: 1 }] })
      // Without proof nothing is believed of the clock, nor taught.
      const stranger = { sentAt: at(-300 * HOUR_MS), ...eventOf({ timestamp: at(-300 * HOUR_MS) }) }
      expect((await sendEvents(server.url, stranger, { 'X-Session-ID': sessionId })).status).toBe(202)
      expect((await sendEvents(server.url, ahead, headers)).status).toBe(422)
    } finally {
      await server.close()
    }
  })
})
