import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { newId } from './platform/ids.ts'
import { onEveryEngine } from './platform/storage/on-every-engine.ts'
import {
  ActivityType,
  calculateFingerprintConfidence,
  createJourneyService,
  createSessionService,
  generateEnhancedFingerprint,
  UserJourneyStage,
  UserType,
} from './services.ts'
import { createShopper, RICH_BROWSER } from './testing/shopper.ts'
import { startServer } from './testing/start-server.ts'

onEveryEngine('the documents’ services', (storage) => {
  async function open() {
    const started = await startServer({ storage: storage() })
    const { rooms } = started.server
    const parts = { ...rooms, site: await rooms.sites.getDefault() }
    return {
      ...started,
      rooms,
      site: parts.site,
      sessions: createSessionService(parts),
      journey: createJourneyService(parts),
    }
  }

  it('carry a session from its first event to its user, as document 001 does', async () => {
    const { sessions, rooms, site, url, close } = await open()
    const sessionId = randomUUID()
    const metadata = { userAgent: RICH_BROWSER.userAgent, referrer: 'https://google.com/search?q=secret' }
    const session = await sessions.createSessionIfNotExists(sessionId, metadata)
    expect(session).toMatchObject({ sessionId, userId: null })
    expect(JSON.stringify(session.metadata)).not.toContain('secret')
    expect(await sessions.createSessionIfNotExists(sessionId, metadata)).toMatchObject({ sessionId })

    await sessions.logEvent(sessionId, 'QUIZ_STARTED', { quizType: 'personality-assessment' })
    const { events } = await rooms.eventLog.listBySession(site.id, sessionId, { limit: 10 })
    expect(events).toMatchObject([
      { eventType: 'QUIZ_STARTED', payload: { quizType: 'personality-assessment' } },
    ])

    const answer = await createShopper(() => ({ url })).call('POST', '/api/users/signup', {
      body: { email: 'john@example.com', firstName: 'John' },
    })
    const { userId } = answer.body.user
    expect(await sessions.linkSessionToUser(sessionId, userId)).toMatchObject({ sessionId, userId })
    expect(await sessions.getUserBySession(sessionId)).toMatchObject({
      email: 'john@example.com',
      firstName: 'John',
    })
    await close()
  })

  it('make one session of thirty first events at once', async () => {
    const { sessions, rooms, site, close } = await open()
    const sessionId = randomUUID()
    await Promise.all(
      Array.from({ length: 30 }, (_, index) => sessions.logEvent(sessionId, 'CONTENT_CLICK', { index })),
    )
    const { events } = await rooms.eventLog.listBySession(site.id, sessionId, { limit: 100 })
    expect(events).toHaveLength(30)
    await close()
  })

  it('refuse what is no session id, and know nobody by one never issued', async () => {
    const { sessions, close } = await open()
    await expect(sessions.createSessionIfNotExists('nonsense')).rejects.toMatchObject({
      code: 'session.id_invalid',
    })
    expect(await sessions.getUserBySession(randomUUID())).toBeNull()
    await close()
  })

  it('walk the journey of document 000 under its names', async () => {
    const { journey, rooms, site, close } = await open()
    const visitor = await rooms.recognition.createVisitor(site.id, Date.now(), newId())
    const begun = await journey.progressUserJourney(visitor, {
      newType: UserType.ANONYMOUS,
      newStage: UserJourneyStage.FIRST_VISIT,
    })
    expect(begun).toMatchObject({ user_type: 'anonymous', journey_stage: 'first_visit' })
    expect(await journey.promoteAnonymousToReturning(visitor)).toMatchObject({
      user_type: 'returning',
      journey_stage: 'engaged',
      progression_history: [{ from_type: 'anonymous', to_type: 'returning' }],
    })
    const before = await journey.calculateConversionScore(visitor)
    expect(before).toBeGreaterThan(0)
    expect(await journey.promoteToRegistered(visitor)).toMatchObject({ journey_stage: 'converted' })
    expect(await journey.getUserAnalytics(visitor)).toMatchObject({
      current_type: 'registered',
      conversion_score: 100,
    })
    await expect(journey.getUserAnalytics({ id: newId() })).rejects.toMatchObject({ code: 'ums.not_found' })
    await close()
  })

  it('track what a user does, which moves the analytics', async () => {
    const { journey, sessions, rooms, site, close } = await open()
    const sessionId = randomUUID()
    await sessions.createSessionIfNotExists(sessionId)
    const session = await rooms.sessions.findBySessionId(site.id, sessionId)
    const user = { id: session?.visitorId ?? '' }
    const before = await journey.calculateConversionScore(user)
    await journey.trackUserActivity(user, ActivityType.CHAT_START)
    expect(await journey.getUserAnalytics(user)).toMatchObject({
      engagement_indicators: { has_conversations: true },
      total_sessions: 1,
    })
    expect(await journey.calculateConversionScore(user)).toBeGreaterThan(before)
    await close()
  })

  it('recognise somebody by raw fingerprint data from a confidence of 60 on', async () => {
    const { journey, url, close } = await open()
    const raw = { ...RICH_BROWSER, timezone: 'Pacific/Auckland' }
    expect(calculateFingerprintConfidence(raw)).toBeGreaterThanOrEqual(60)
    expect(generateEnhancedFingerprint(raw)).toMatch(/^[0-9a-f]{32}$/)
    expect(await journey.recognizeReturningUser(raw)).toEqual([null, 'new_user'])
    const response = await fetch(`${url}/api/auth/anonymous`, {
      method: 'POST',
      // Node's own name is that of a program, which leaves no profile.
      headers: { 'Content-Type': 'application/json', 'User-Agent': RICH_BROWSER.userAgent },
      body: JSON.stringify({ raw_fingerprint_data: raw, device_id: 'auckland' }),
    })
    const { user_id } = (await response.json()) as { user_id: string }
    expect(await journey.recognizeReturningUser(raw)).toMatchObject([
      { id: user_id },
      'fingerprint_recognized',
    ])
    expect(await journey.recognizeReturningUser(undefined, { deviceId: 'auckland' })).toMatchObject([
      { id: user_id },
      'device_id',
    ])
    const poor = { userAgent: 'test', screenResolution: [1920, 1080] }
    expect(await journey.recognizeReturningUser(poor)).toEqual([null, 'new_user'])
    await close()
  })
})
