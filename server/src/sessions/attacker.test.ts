import { randomUUID } from 'node:crypto'
import { generateEnhancedFingerprint } from '@helloagain/recognition'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type StartedServer, startServer } from '../testing/start-server.ts'
import { createTestBrowser, type TestBrowser } from '../testing/test-browser.ts'

let server: StartedServer

beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

const header = (sessionId: string) => ({ 'X-Session-ID': sessionId })

const open = (browser: TestBrowser, body: object = {}, headers: Record<string, string> = {}) =>
  browser.call('POST', '/api/sessions', { body, headers })

/** Somebody with a profile, saved progress and a history. */
async function createVictim(body: object = {}) {
  const browser = createTestBrowser(server)
  const { body: opened } = await open(browser, body)
  const sessionId: string = opened.session.sessionId
  const path = `/api/sessions/${sessionId}`
  await browser.call('PATCH', `${path}/profile`, { body: { email: 'ada@example.com', firstName: 'Ada' } })
  await browser.call('PUT', `${path}/progress/quiz`, { body: { state: 'private answers' } })
  return { browser, sessionId, path, visitorId: opened.visitor.visitorId as string }
}

/** What the victim still has when the attack is over. */
async function isUntouched({ browser, path, sessionId }: Awaited<ReturnType<typeof createVictim>>) {
  const user = await browser.call('GET', `${path}/user`)
  const progress = await browser.call('GET', `${path}/progress/quiz`)
  const row = await server.server.rooms.sessions.findBySessionId(
    (await server.sites.getDefault()).id,
    sessionId,
  )
  return {
    userData: user.body.session.userData,
    state: progress.body.progress.state,
    userId: row?.userId,
  }
}

const WHOLE = {
  userData: { email: 'ada@example.com', firstName: 'Ada' },
  state: 'private answers',
  userId: null,
}

it.each(['with no cookie', 'with a cookie of its own'])(
  'a stolen session id reads nothing, %s',
  async (how) => {
    const victim = await createVictim()
    const thief = createTestBrowser(server)
    if (how !== 'with no cookie') await open(thief)
    const unknown = randomUUID()
    const stolen = await thief.call('GET', `${victim.path}/user`)
    const never = await thief.call('GET', `/api/sessions/${unknown}/user`)
    expect(stolen.status).toBe(200)
    expect(stolen.body).toEqual({
      success: true,
      restricted: true,
      session: { sessionId: victim.sessionId, userId: null, userData: null, lastSeen: null, metadata: {} },
    })
    // The answer does not even tell whether the id exists.
    expect({ ...stolen.body.session, sessionId: '' }).toEqual({ ...never.body.session, sessionId: '' })
    const events = await thief.call('GET', `${victim.path}/events`)
    expect([events.status, events.body.error.code]).toEqual([403, 'session.proof_required'])
  },
)

it('a stolen session id writes and deletes nothing', async () => {
  const victim = await createVictim()
  const thief = createTestBrowser(server)
  await open(thief)
  const tries = [
    await thief.call('PATCH', `${victim.path}/profile`, { body: { firstName: 'Eve' } }),
    await thief.call('PUT', `${victim.path}/progress/quiz`, { body: { state: 'overwritten' } }),
    await thief.call('DELETE', victim.path),
    await thief.call('DELETE', `/api/sessions/${randomUUID()}`),
  ]
  for (const { status, body } of tries)
    expect([status, body.error.code]).toEqual([403, 'session.proof_required'])
  expect(await isUntouched(victim)).toEqual(WHOLE)
})

it('a stolen session id is never bound to another browser: that one gets an id and a visitor of its own', async () => {
  const victim = await createVictim()
  const thief = createTestBrowser(server)
  const { body } = await open(thief, {}, header(victim.sessionId))
  expect(body.session.sessionId).not.toBe(victim.sessionId)
  expect(body.visitor.visitorId).not.toBe(victim.visitorId)
  expect(JSON.stringify(body)).not.toContain(victim.visitorId)
  expect(await isUntouched(victim)).toEqual(WHOLE)
})

it('a stolen session id is not linked to the thief who signs up with it', async () => {
  const victim = await createVictim()
  const thief = createTestBrowser(server)
  const { status, body } = await thief.call('POST', '/api/users/signup', {
    headers: header(victim.sessionId),
    body: { email: 'eve@example.com', password: 'correct horse battery staple' },
  })
  expect(status).toBeLessThan(300)
  expect(body.session.sessionId).not.toBe(victim.sessionId)
  expect(JSON.stringify(body)).not.toContain('ada@example.com')
  expect(await isUntouched(victim)).toEqual(WHOLE)
})

it('an id that an attacker opened first and planted is not what the victim signs up under', async () => {
  const attacker = createTestBrowser(server)
  const { body: planted } = await open(attacker)
  const sessionId: string = planted.session.sessionId
  const victim = createTestBrowser(server)
  const { body } = await victim.call('POST', '/api/users/signup', {
    headers: header(sessionId),
    body: { email: 'grace@example.com', firstName: 'Grace', password: 'correct horse battery staple' },
  })
  expect(body.session.sessionId).not.toBe(sessionId)
  const { body: seen } = await attacker.call('GET', `/api/sessions/${sessionId}/user`)
  expect(seen.session).toMatchObject({ userId: null, userData: null })
})

it('an id that an attacker made up and planted before anybody used it shows the attacker nothing', async () => {
  const sessionId = randomUUID()
  const victim = createTestBrowser(server)
  await victim.call('POST', '/api/users/signup', {
    headers: header(sessionId),
    body: { email: 'joan@example.com', firstName: 'Joan', password: 'correct horse battery staple' },
  })
  const attacker = createTestBrowser(server)
  const { body } = await attacker.call('GET', `/api/sessions/${sessionId}/user`)
  expect(body).toMatchObject({ restricted: true, session: { userId: null, userData: null } })
  const { body: opened } = await open(attacker, {}, header(sessionId))
  expect(opened.session.sessionId).not.toBe(sessionId)
})

it('a forged fingerprint and device id learn only that somebody was here', async () => {
  const salt = (await server.sites.getDefault()).fingerprintSalt
  const signals = {
    userAgent: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0.0.0 Safari/537.36',
    platform: 'Win32',
    gpuRenderer: 'ANGLE (NVIDIA, NVIDIA GeForce RTX 3060 Direct3D11 vs_5_0 ps_5_0, D3D11)',
    ...{ canvas: 'c1', webgl: 'w1', audio: '124.04', fonts: ['Arial', 'Segoe UI Light'] },
    ...{ screen: [1920, 1080], languages: ['de-DE'], timezone: 'Europe/Berlin', deviceMemory: 8 },
  }
  const fingerprint = { hash: generateEnhancedFingerprint(signals, salt), signals }
  const deviceId = randomUUID()
  const victim = await createVictim({ fingerprint, deviceId })
  const mark = await isUntouched(victim)
  for (const evidence of [{ fingerprint }, { deviceId }]) {
    const forger = createTestBrowser(server)
    const { body } = await open(forger, evidence)
    expect(Object.keys(body.recognition).sort()).toEqual(['isReturning', 'method'])
    expect(body.recognition.isReturning).toBe(true)
    expect(body.session.userData).toBeNull()
    expect(body.visitor.visits).toBe(1)
    expect(body.visitor.firstSeenAt).toBe(body.session.lastSeen)
    expect(JSON.stringify(body)).not.toContain(victim.visitorId)
  }
  expect(await isUntouched(victim)).toEqual(mark)
})

it('a cookie that somebody made up proves nothing', async () => {
  const victim = await createVictim()
  const forger = createTestBrowser(server)
  const secret = victim.browser.cookies.get('ha_session')?.split('.')[0] ?? ''
  for (const value of ['x.y', `${secret}.AAAAAAAAAAAAAAAAAAAAAA`, secret]) {
    forger.cookies.set('ha_session', value)
    const { body } = await forger.call('GET', `${victim.path}/user`)
    expect(body.restricted).toBe(true)
  }
})

it('the cookie proves nothing on a request that a foreign page caused', async () => {
  const victim = await createVictim()
  const { body } = await victim.browser.call('GET', `${victim.path}/user`, {
    headers: { 'Sec-Fetch-Site': 'cross-site' },
  })
  expect(body.restricted).toBe(true)
})

it('events with a stolen id count nothing for the victim', async () => {
  const victim = await createVictim()
  const thief = createTestBrowser(server)
  const { status } = await thief.call('POST', '/api/events', {
    headers: header(victim.sessionId),
    body: { eventType: 'SIGNUP_COMPLETED', payload: {} },
  })
  expect(status).toBe(202)
  const counts = await server.server.rooms.events.activityCounts([victim.visitorId])
  expect(counts.get('SIGNUP_COMPLETED')).toBeUndefined()
})

it('a session of another site is as unknown as one never issued', async () => {
  const victim = await createVictim()
  const { publishableKey } = await server.sites.create(`other-${randomUUID()}`, { unsetMode: 'recognition' })
  const { body } = await victim.browser.call('GET', `${victim.path}/user`, {
    headers: { 'X-Site-Key': publishableKey },
  })
  expect(body.restricted).toBe(true)
})

it('one browser proves its sessions of two sites, and what it tells one stays there', async () => {
  const victim = await createVictim()
  const { publishableKey } = await server.sites.create(`other-${randomUUID()}`, { unsetMode: 'recognition' })
  const headers = { 'X-Site-Key': publishableKey }
  const { body } = await open(victim.browser, {}, headers)
  expect(body.visitor.visitorId).not.toBe(victim.visitorId)
  expect(body.session.userData).toBeNull()
  const second = await open(victim.browser, {}, headers)
  expect(second.body.session.sessionId).toBe(body.session.sessionId)
  expect(await isUntouched(victim)).toEqual(WHOLE)
})

it('no call tells a session of somebody else from one never issued', async () => {
  const victim = await createVictim()
  const thief = createTestBrowser(server)
  await open(thief)
  const calls = [
    ['GET', '/user'],
    ['GET', '/events'],
    ['GET', '/progress/quiz'],
    ['PUT', '/progress/quiz', { state: 1 }],
    ['PATCH', '/profile', { firstName: 'Eve' }],
    ['PATCH', '/profile', { password: 'no field' }],
    ['PATCH', '/profile', 7],
    ['DELETE', ''],
  ] as const
  for (const [method, rest, body] of calls) {
    const ask = async (sessionId: string) => {
      const answer = await thief.call(method, `/api/sessions/${sessionId}${rest}`, { body })
      const { 'x-request-id': requestId = '', date, ratelimit, ...headers } = answer.headers
      const text = JSON.stringify(answer.body).replaceAll(sessionId, 'ID').replaceAll(String(requestId), 'R')
      return [answer.status, text, headers]
    }
    expect(await ask(victim.sessionId)).toEqual(await ask(randomUUID()))
  }
  expect(await isUntouched(victim)).toEqual(WHOLE)
})
