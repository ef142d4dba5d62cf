import { type Contradiction, findContradictions } from './contradictions.ts'
import { deviceClaims } from './device-family.ts'
import { type NormalSignals, normalizeSignals } from './normalize-signals.ts'
import {
  GROUP_BITS,
  getSignal,
  JOINT_BITS,
  SIGNAL_NAMES,
  type SignalGroup,
  type SignalName,
} from './signals.ts'

export interface ConfidenceOptions {
  /** Names of signals that changed when read twice: the browser adds noise to them. */
  unstable?: readonly string[]
}

/** How a confidence came about. */
export interface ConfidenceBreakdown {
  /** 0–100. */
  confidence: number
  /** Bits after caps and penalties. */
  bits: number
  groups: Record<SignalGroup, { bits: number; capBits: number }>
  /** Observed signals; `bits` is 0 where the value tells nothing (noise, a name every such device has). */
  signals: { name: SignalName; group: SignalGroup; bits: number; note?: 'generic' | 'unstable' }[]
  contradictions: Contradiction[]
}

/**
 * On iPhones and iPads GPU and fonts carry about .04 bit each, all units of a model being alike. The same cap holds
 * while the system is unknown, so that naming it can only add.
 */
const UNIFORM_DEVICE_BITS = 0.5
/** A value that a whole platform shares (.04 bit: GPU and fonts of iOS in the fingerprint-generator population). */
const GENERIC_BITS = 0.04
const GENERIC_GPU =
  /^apple gpu$|swiftshader|llvmpipe|softpipe|microsoft basic render|^webkit webgl$|^mozilla$|generic renderer/i
/** Each contradiction leaves three quarters: something in the observation is made up, and which is unknown. */
const CONTRADICTION_FACTOR = 0.75
/** Where one reading is noisy its neighbours are suspect too (Brave and Firefox farble in families). */
const UNSTABLE_DEVICE_FACTOR = 0.8

/**
 * How good an observation of a browser is, 0–100: the share of the 14.14 bits a full observation tells that
 * is present, stable and free of contradiction. Document 000's rule uses a fingerprint from 60 on.
 *
 * Signals count what they add to the others and at most their group's cap, since they are not independent.
 * A further signal never lowers the answer unless it contradicts another. What a server sees alone
 * (user agent, language, encoding, address prefix) and what an iPhone shows stay below 60.
 * Any input is taken; nothing known gives 0, anything known at least 1.
 */
export function calculateFingerprintConfidence(raw: unknown, options: ConfidenceOptions = {}): number {
  return explainFingerprintConfidence(raw, options).confidence
}

/** The same with its reasons: bits per signal and group, caps and contradictions. */
export function explainFingerprintConfidence(
  raw: unknown,
  options: ConfidenceOptions = {},
): ConfidenceBreakdown {
  return explainSignals(normalizeSignals(raw), options)
}

/** The same for signals in normal form. */
export function explainSignals(known: NormalSignals, options: ConfidenceOptions = {}): ConfidenceBreakdown {
  const unstable = new Set<string>(Array.isArray(options.unstable) ? options.unstable : [])
  const signals = SIGNAL_NAMES.filter((name) => known[name] !== undefined).map((name) =>
    weigh(name, known, unstable.has(name)),
  )
  const contradictions = findContradictions(known)
  const groups = sumGroups(signals, known)
  if (SIGNAL_NAMES.some((name) => unstable.has(name) && getSignal(name).group === 'device')) {
    groups.device.bits *= UNSTABLE_DEVICE_FACTOR
  }
  const sum = Object.values(groups).reduce((total, group) => total + group.bits, 0)
  const bits = sum * CONTRADICTION_FACTOR ** contradictions.length
  const confidence =
    signals.length === 0 ? 0 : Math.min(100, Math.max(1, Math.round((100 * bits) / JOINT_BITS)))
  return { confidence, bits, groups, signals, contradictions }
}

function weigh(
  name: SignalName,
  known: NormalSignals,
  isUnstable: boolean,
): ConfidenceBreakdown['signals'][number] {
  const { group, bits } = getSignal(name)
  if (isUnstable) return { name, group, bits: 0, note: 'unstable' }
  if (isGeneric(name, known)) return { name, group, bits: GENERIC_BITS, note: 'generic' }
  return { name, group, bits }
}

/** A GPU name that hides the GPU, or a system with none of the telling fonts (containers, phones). */
function isGeneric(name: SignalName, { gpuRenderer, fonts }: NormalSignals): boolean {
  if (name === 'gpuRenderer') return GENERIC_GPU.test(String(gpuRenderer))
  return name === 'fonts' && Array.isArray(fonts) && fonts.length === 0
}

function sumGroups(
  signals: ConfidenceBreakdown['signals'],
  known: NormalSignals,
): ConfidenceBreakdown['groups'] {
  const group = (name: SignalGroup, capBits: number) => {
    const sum = signals.reduce((total, signal) => total + (signal.group === name ? signal.bits : 0), 0)
    return { bits: Math.min(capBits, sum), capBits }
  }
  return {
    device: group('device', canDiffer(known) ? GROUP_BITS.device : UNIFORM_DEVICE_BITS),
    display: group('display', GROUP_BITS.display),
    locale: group('locale', GROUP_BITS.locale),
    software: group('software', GROUP_BITS.software),
    network: group('network', GROUP_BITS.network),
  }
}

/** Whether this kind of device comes in many makes. */
function canDiffer(known: NormalSignals): boolean {
  const claims = Object.values(deviceClaims(known)).filter((claim) => claim !== undefined)
  const isTouchMac = claims.includes('mac') && typeof known.touchPoints === 'number' && known.touchPoints > 1
  return claims.length > 0 && !claims.includes('ios') && !isTouchMac
}
