import type { RecognitionAnswer, RecognitionMethod, SessionRequest, UserData } from '@helloagain/protocol'
import { createUuidV7 } from '../platform/uuid-v7.ts'
import { isUuid } from './check-event.ts'
import { recogniseBy } from './recognise-by.ts'
import { Refused } from './refusal.ts'

/** A session as the server of a test knows it. */
export interface TestSession {
  sessionId: string
  userData: UserData
  /** Saved states by their name. */
  progress: Map<string, unknown>
}

/** Somebody who was here before. */
export interface ReturningPerson {
  userData?: UserData
  /** The evidence. Below cookie and key nothing of the person is told. @default 'cookie' */
  method?: RecognitionMethod
}

/** Who calls: the session the page names, and whether its cookies came along. */
export interface Caller {
  sessionId: string | undefined
  hasCookies: boolean
}

export interface Held extends TestSession {
  visitorId: string
  recognition: RecognitionAnswer
  openedAt: string
  /** Somebody came back by it; within a first visit nobody does. */
  wasHere: boolean
  metadata: Record<string, unknown>
  hasFingerprint: boolean
}

export interface HeldSessions {
  list(): Held[]
  find(sessionId: string, caller: Caller): Held | undefined
  /** @throws Refused where the caller has no proof of the session */
  prove(sessionId: string, caller: Caller): Held
  /** The session a browser goes on with, or a new one. */
  recall(body: SessionRequest, caller: Caller): Held
  forget(sessionId: string): void
  /** The next session that is opened is this person's. */
  expect(person: ReturningPerson): void
  clear(): void
}

export const newId = createUuidV7({
  nowMs: Date.now,
  fillRandom: (bytes) => crypto.getRandomValues(bytes),
})

/** Sessions of one browser, which keeps its cookie for as long as they live. */
export function createHeldSessions(): HeldSessions {
  const known = new Map<string, Held>()
  let cookie: string | undefined
  let expected: ReturningPerson | undefined

  function make(sessionId: string, { fingerprint }: SessionRequest): Held {
    const { userData = {}, method = 'cookie' } = expected ?? { method: 'new_user' }
    const recognition = recogniseBy(method)
    const held: Held = {
      ...{ sessionId, recognition, visitorId: newId(), progress: new Map(), metadata: {} },
      userData: recognition.confidence === undefined ? {} : { ...userData },
      openedAt: new Date().toISOString(),
      wasHere: recognition.isReturning,
      hasFingerprint: fingerprint !== undefined,
    }
    expected = undefined
    cookie = sessionId
    known.set(sessionId, held)
    return held
  }

  function resume(held: Held, { fingerprint }: SessionRequest): Held {
    // The first observation completes the opening, and is answered as that was.
    const isCompletion = fingerprint !== undefined && !held.hasFingerprint
    held.hasFingerprint ||= fingerprint !== undefined
    if (!isCompletion) held.recognition = recogniseBy('cookie')
    return held
  }

  const find: HeldSessions['find'] = (sessionId, { hasCookies }) =>
    hasCookies ? known.get(sessionId) : undefined

  return {
    find,
    list: () => [...known.values()],
    prove(sessionId, caller) {
      if (!isUuid(sessionId)) throw new Refused('session.id_invalid')
      const held = find(sessionId, caller)
      if (!held) throw new Refused('session.proof_required')
      return held
    },
    recall(body, { sessionId, hasCookies }) {
      const named = sessionId === undefined ? undefined : known.get(sessionId)
      const held = named ?? (cookie === undefined ? undefined : known.get(cookie))
      if (held && hasCookies && !body.fresh && !expected) return resume(held, body)
      // An id that is taken is never given to somebody else.
      return make(sessionId !== undefined && !named ? sessionId : newId(), body)
    },
    forget: (sessionId) => void known.delete(sessionId),
    expect(person) {
      expected = person
    },
    clear() {
      known.clear()
      cookie = undefined
      expected = undefined
    },
  }
}
