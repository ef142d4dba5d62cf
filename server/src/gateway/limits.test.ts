import { afterEach, expect, it } from 'vitest'
import { type StartedServer, startServer } from '../testing/start-server.ts'

let server: StartedServer | undefined
afterEach(() => server?.close())

const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${server?.url}${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })

it('R45 beyond the allowance answers 429 with Retry-After and the RateLimit headers; the rest tell what is left', async () => {
  server = await startServer({ limits: { sessions: { points: 2, perSeconds: 60 } } })
  const first = await post('/api/sessions', {})
  expect(first.headers.get('ratelimit-policy')).toBe('"sessions";q=2;w=60')
  expect(first.headers.get('ratelimit')).toMatch(/^"sessions";r=1;t=\d+$/)
  await post('/api/sessions', {})
  const refused = await post('/api/sessions', {})
  expect(refused.status).toBe(429)
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(refused.headers.get('ratelimit')).toMatch(/^"sessions";r=0;/)
})

it('counts events by session: one noisy session does not use up another one', async () => {
  server = await startServer({ limits: { events_session: { points: 3, perSeconds: 60 } } })
  const [noisy, quiet] = ['01a1fd8a-375e-7023-b4e1-3a07eec76315', '01a1fd8a-375e-7023-b4e1-3a07eec76316']
  const track = async (sessionId: string, count: number) => {
    const events = Array.from({ length: count }, (_, seq) => ({ seq, eventType: 'PAGE_VIEW' }))
    return (
      await post('/api/events', { events, consent: { choice: 'granted' } }, { 'X-Session-ID': sessionId })
    ).status
  }
  expect(await track(noisy, 3)).toBe(202)
  expect(await track(noisy, 1)).toBe(429)
  expect(await track(quiet, 1)).toBe(202)
})

it('counts what is refused: malformed events, unknown keys, forged tokens, paths that lead nowhere', async () => {
  const two = { points: 2, perSeconds: 60 }
  server = await startServer({ limits: { events_address: two, everything_else: two } })
  await server.sites.addOrigin('default', 'https://shop.example')
  const statuses = async (ask: () => Promise<Response>) => [
    (await ask()).status,
    (await ask()).status,
    (await ask()).status,
  ]
  expect(await statuses(() => post('/api/events', 'no events'))).toEqual([400, 400, 429])
  const fromPage = await post('/api/events', {}, { Origin: 'https://shop.example' })
  expect([fromPage.status, fromPage.headers.get('access-control-allow-origin')]).toEqual([
    429,
    'https://shop.example',
  ])
  expect(await statuses(() => post('/api/nothing', {}))).toEqual([404, 404, 429])
  const asked = () => post('/api/sessions', {}, { Authorization: 'Bearer forged' })
  expect((await asked()).status).toBe(429)
  expect((await post('/api/sessions', {}, { 'X-Site-Key': 'pk_guessed' })).status).toBe(429)
  // What has a limit of its own goes on.
  expect((await post('/api/sessions', {})).status).toBe(200)
})
