import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { onEveryEngine } from '../platform/storage/on-every-engine.ts'
import { startServer } from './start-server.ts'

const read = (name: string) =>
  JSON.parse(
    readFileSync(new URL(`../../../packages/protocol/fixtures/${name}.json`, import.meta.url), 'utf8'),
  ) as Record<string, unknown>

/** When the fixtures were written: their events are neither old nor ahead. */
const FIXTURE_AT_MS = Date.parse('2026-11-21T09:00:01.000Z')

// The SDK's own tests hold that it emits exactly these.
onEveryEngine('what the SDK emits, the server accepts', (storage) => {
  it('session, fingerprint, profile, progress, batch and beacon, in the order of a visit', async () => {
    const server = await startServer({ storage: storage(), startAtMs: FIXTURE_AT_MS })
    const { publishableKey } = await server.sites.create('fixtures', { unsetMode: 'recognition' })
    let cookie = ''
    let sessionId = ''
    /** @param call method and path, as in `POST /api/sessions` */
    const send = async (call: string, body: unknown, type = 'application/json') => {
      const [method = '', path = ''] = call.split(' ')
      const response = await fetch(`${server.url}${path}`, {
        method,
        headers: {
          'Content-Type': type,
          ...(type === 'application/json' && { 'X-Site-Key': publishableKey }),
          ...(cookie && { Cookie: cookie }),
          ...(sessionId && type === 'application/json' && { 'X-Session-ID': sessionId }),
        },
        body: JSON.stringify(body),
      })
      cookie = response.headers.getSetCookie()[0]?.split(';', 1)[0] ?? cookie
      return { status: response.status, answer: (await response.json()) as Record<string, unknown> }
    }

    const opened = await send('POST /api/sessions', read('session-open'))
    expect(opened.status).toBe(200)
    sessionId = (opened.answer['session'] as { sessionId: string }).sessionId
    expect((await send('POST /api/sessions', read('session-with-fingerprint'))).answer).toMatchObject({
      session: { sessionId },
      restricted: false,
    })
    expect(
      (await send(`PATCH /api/sessions/${sessionId}/profile`, read('profile-patch'))).answer,
    ).toMatchObject({
      userData: read('profile-patch'),
    })
    expect(
      (await send(`PUT /api/sessions/${sessionId}/progress/quiz`, read('progress-put'))).answer,
    ).toMatchObject({
      progress: { name: 'quiz', ...read('progress-put') },
    })
    expect(await send('POST /api/events', read('events-batch'))).toMatchObject({
      status: 202,
      answer: { accepted: 2, duplicates: 0, rejected: [] },
    })
    // The beacon carries its first event's id again: told as a duplicate, stored once.
    const beacon = { ...read('beacon'), siteKey: publishableKey, sessionId }
    expect(await send('POST /api/events', beacon, 'text/plain;charset=UTF-8')).toMatchObject({
      status: 202,
      answer: { accepted: 0, duplicates: 1, rejected: [] },
    })
    await server.close()
  })
})
