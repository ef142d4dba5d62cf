import type { RecognitionMethod } from '@helloagain/protocol'
import { explainConsent } from './explain-consent.ts'
import { explainObservation } from './explain-observation.ts'
import { type Fact, findLast } from './facts.ts'
import type { Standing } from './look-around.ts'
import type { Remark } from './remark.ts'

/** Why this browser was recognised or not: the answer first, then what led to it. */
export function explain(standing: Standing, facts: readonly Fact[]): Remark[] {
  const consent = explainConsent(standing)
  // As the page began: by the second opening the id of the first is kept.
  const began = facts.find(({ what }) => what === 'began')
  const hadId = began?.what === 'began' && began.isKnown
  if (standing.mode === 'off') return [consent]
  return [
    explainAnswer(facts),
    consent,
    ...(standing.mode === 'recognition'
      ? [
          explainId(standing, facts, hadId),
          ...explainCookie(standing, facts, hadId),
          ...explainKey(facts),
          ...explainObservation(standing, facts),
        ]
      : []),
  ]
}

const METHODS: Readonly<Record<RecognitionMethod, Omit<Remark, 'tone'>>> = {
  device_key: { head: 'Recognised for certain', text: 'by the key this browser keeps.' },
  cookie: { head: 'Recognised for certain', text: 'by the session’s cookie.' },
  session_token: { head: 'Recognised for certain', text: 'by the token of a signed-in person.' },
  email_login: { head: 'Recognised for certain', text: 'by signing in.' },
  device_id: {
    head: 'Recognised, but not proven',
    text: 'by the id in storage alone. Anybody could send it, so nothing personal is shown.',
  },
  fingerprint_recognized: {
    head: 'Recognised, but not proven',
    text: 'by what the browser looks like. That is a guess, so nothing personal is shown.',
  },
  new_user: {
    head: 'Not recognised',
    text: 'The server knows nobody who fits, or several who fit alike: then it abstains.',
  },
}

function explainAnswer(facts: readonly Fact[]): Remark {
  const told = facts.filter(({ what }) => ['answered', 'taken_up', 'failed_open'].includes(what)).pop()
  if (told?.what === 'failed_open') return explainFailure(told)
  const method =
    told?.what === 'answered' ? told.recognition.method : told?.what === 'taken_up' && told.method
  if (!method) return { tone: 'plain', head: 'Waiting', text: 'The server has not answered yet.' }
  if (told?.what === 'answered' && method === 'cookie' && !told.recognition.isReturning) {
    return { tone: 'plain', head: 'A first visit', text: 'This browser was not here before.' }
  }
  const isCertain = METHODS[method].head === 'Recognised for certain'
  const { head, text } = METHODS[method]
  const lately = told?.what === 'taken_up' ? ' This tab asked the server on an earlier page.' : ''
  return { tone: isCertain ? 'good' : method === 'new_user' ? 'problem' : 'plain', head, text: text + lately }
}

const KEYS = {
  bound: {
    tone: 'good',
    head: 'The device key is in place',
    text: 'It proves this browser where its cookie is lost.',
  },
  made: {
    tone: 'plain',
    head: 'A device key is being bound',
    text: 'It proves this browser from the next visit on.',
  },
  refused: {
    tone: 'plain',
    head: 'No device key',
    text: 'The browser keeps none here (plain http, no IndexedDB, no room left, lockdown mode). The cookie alone proves it.',
  },
} as const satisfies Record<string, Remark>

/** Nothing where the server asks for no key. */
function explainKey(facts: readonly Fact[]): Remark[] {
  const key = findLast(facts, 'key')
  return key ? [KEYS[key.state]] : []
}

function explainFailure({ status, refusal }: Extract<Fact, { what: 'failed_open' }>): Remark {
  return {
    tone: 'problem',
    head: 'The server opened no session',
    text:
      status === 0
        ? 'It did not answer, or the browser kept its answer back: is the address right, and is the page’s origin registered with the site?'
        : `It answered ${status}${refusal ? `, ${refusal}` : ''}; docs/refusals.md says what to do.`,
  }
}

function explainId({ isInStorage }: Standing, facts: readonly Fact[], hadId: boolean): Remark {
  const answered = findLast(facts, 'answered')
  if (answered && isInStorage === false) {
    return {
      tone: 'problem',
      head: 'Storage refused',
      text: 'The browser keeps nothing for this page (blocked site data, a sandboxed frame, or no room left). Only a cookie can tell the next page who this was.',
    }
  }
  if (!hadId) {
    return {
      tone: 'plain',
      head: 'A new id',
      text: 'No id was kept here: a first visit, cleared site data, a private window, or 7 days without a click in Safari.',
    }
  }
  return answered?.isSameId === false
    ? {
        tone: 'problem',
        head: 'The kept id was replaced',
        text: 'It had expired, or came without its proof.',
      }
    : { tone: 'good', head: 'The id was kept', text: 'It is that of the visit before.' }
}

/** Where an id came without its cookie: what keeps cookies away. */
function explainCookie(standing: Standing, facts: readonly Fact[], hadId: boolean): Remark[] {
  // The first answer counts: by the second the cookie of the first is there.
  const first = facts.find(({ what }) => what === 'answered')
  const method = first?.what === 'answered' ? first.recognition.method : undefined
  if (!method || !hadId || ['cookie', 'device_key', 'session_token'].includes(method)) return []
  const { hasCookies, isFramed, isPlainHttp, pageHost, endpointHost } = standing
  const reasons = [
    ...(hasCookies ? [] : ['Cookies are off in this browser.']),
    ...(isPlainHttp ? ['The server is called by plain http, where its cookie is not kept.'] : []),
    ...(isFramed ? ['The page is in a frame: its cookies may count as third-party.'] : []),
    ...(endpointHost === pageHost
      ? []
      : [
          `The server (${endpointHost}) is another host than the page (${pageHost}). On another site its cookie is third-party; put it below the page’s own domain.`,
        ]),
  ]
  return [
    {
      tone: 'problem',
      head: 'The cookie did not come along',
      text: reasons.join(' ') || 'It was cleared, or it expired.',
    },
  ]
}
