import { explainFingerprintConfidence } from '../confidence.ts'
import type { NormalSignals } from '../normalize-signals.ts'
import { SIGNAL_NAMES, type SignalName } from '../signals.ts'
import { classify } from './classify.ts'
import { FACET_NAMES, FACETS } from './facets.ts'
import type { Observed, Tokenise } from './types.ts'

export interface ObserveOptions {
  readonly tokenise: Tokenise
  /** Signals that read differently twice: the browser adds noise to them. */
  readonly unstable: readonly string[]
  /** The visitor's network, as the server sees it: /24 or /48. */
  readonly networkPrefix?: string
}

const COMPARED: readonly SignalName[] = FACET_NAMES.flatMap((facet) => FACETS[facet])

/** Signals in normal form as the recogniser sees them: tokens, and the few classes kept in clear. */
export function observe(signals: NormalSignals, options: ObserveOptions): Observed {
  const { tokenise, networkPrefix } = options
  const unstable = SIGNAL_NAMES.filter((name) => options.unstable.includes(name))
  // What adds noise to a drawing adds it to the drawing of text.
  if (unstable.includes('canvas') && !unstable.includes('canvasText')) unstable.push('canvasText')
  const known: NormalSignals = networkPrefix === undefined ? signals : { ...signals, networkPrefix }
  const tokens: Partial<Record<SignalName, string>> = {}
  for (const name of COMPARED) {
    const value = known[name]
    if (value !== undefined && !unstable.includes(name)) tokens[name] = tokenise(name, JSON.stringify(value))
  }
  const { confidence, contradictions } = explainFingerprintConfidence(signals, { unstable })
  const major = signals.browserMajor
  return {
    tokens,
    ...classify(signals),
    browserMajor: typeof major === 'number' ? major : null,
    unstable,
    confidence,
    contradictions: contradictions.length,
  }
}
