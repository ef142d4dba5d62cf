import { MIN_LINK_OBSERVATION_CONFIDENCE } from '@helloagain/protocol'
import { explainFingerprintConfidence, type SignalName } from '@helloagain/recognition'
import { type Fact, findLast } from './facts.ts'
import type { Standing } from './look-around.ts'
import type { Remark } from './remark.ts'

/** What tells most, and what people call it. */
const TELLING: Readonly<Partial<Record<SignalName, string>>> = {
  gpuRenderer: 'graphics card',
  webgl: 'WebGL limits',
  canvas: 'drawing',
  audio: 'sound',
  fonts: 'fonts',
  screen: 'screen',
  languages: 'languages',
  timezone: 'time zone',
  userAgent: 'browser and system',
}

const list = (names: readonly string[]) =>
  names.map((name) => (TELLING as Record<string, string>)[name] ?? name).join(', ')

/** What observing the browser gave: how good it is, and what was missing. Names of signals, never their values. */
export function explainObservation({ mayObserve, timeBoundMs }: Standing, facts: readonly Fact[]): Remark[] {
  if (!mayObserve) return [plain('Not observed', 'The option `fingerprint` is false.')]
  if (findLast(facts, 'not_due')) {
    return [plain('Not observed', 'Observed a short while ago: no need to look again yet.')]
  }
  if (findLast(facts, 'unobserved')) {
    return [
      {
        tone: 'problem',
        head: 'Could not be observed',
        text: 'The probes did not load, or broke off: the console says why. Content blockers keep them away on some people’s devices.',
      },
    ]
  }
  const observed = findLast(facts, 'observed')
  if (!observed) return [plain('Not observed yet', 'That waits until a session is open and the page idle.')]
  const late: Remark[] = observed.isPartial
    ? [
        {
          tone: 'problem',
          head: 'Time ran out',
          text: `The probes had not ended after ${timeBoundMs} ms; what was there is used. The option timeBoundMs gives them more.`,
        },
      ]
    : []
  const { report } = observed
  if (!report) return [plain('Not observed again', 'An observation of this visit was kept.'), ...late]
  const { signals = {}, unstable = [] } = report
  const { confidence, contradictions } = explainFingerprintConfidence(signals, { unstable })
  const missing = Object.keys(TELLING).filter((name) => !(name in signals) && !unstable.includes(name))
  const reasons = [
    ...(unstable.length > 0 ? [`The browser adds noise to: ${list(unstable)}.`] : []),
    ...(missing.length > 0 ? [`Missing: ${list(missing)}.`] : []),
    ...contradictions.map(({ reason, signals: pair }) => `Does not fit: ${list(pair)} (${reason})`),
  ]
  const isGood = confidence >= MIN_LINK_OBSERVATION_CONFIDENCE
  const enough = isGood
    ? 'Enough to recognise by, where nobody else looks alike.'
    : `Below ${MIN_LINK_OBSERVATION_CONFIDENCE} it recognises nobody on its own.`
  return [
    {
      tone: isGood ? 'good' : 'problem',
      head: `Observed with ${confidence} of 100`,
      text: [enough, ...reasons].join(' '),
    },
    ...late,
  ]
}

const plain = (head: string, text: string): Remark => ({ tone: 'plain', head, text })
