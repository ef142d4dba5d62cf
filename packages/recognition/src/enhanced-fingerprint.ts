import { murmurHash128Text } from './murmur-hash.ts'
import { type NormalSignals, normalizeSignals } from './normalize-signals.ts'
import { getSignal, SIGNAL_NAMES } from './signals.ts'

/**
 * The fingerprint of raw browser data: 32 lower-case hex digits over the normalised signals, salted per site.
 * Browser and server come to the same value, whatever the key order and whichever of the known names are used.
 *
 * Only signals that ordinary use leaves alone are hashed (`isHashed`); browser version, zoom and preferences are not.
 * Data without any known signal still has a hash, one shared by all such data: its confidence is 0, so by
 * document 000's rule (≥ 60) it recognises nobody.
 *
 * @example generateEnhancedFingerprint({ userAgent: navigator.userAgent, screenResolution: [1920, 1080] }, 'salt')
 */
export function generateEnhancedFingerprint(raw: unknown, salt = ''): string {
  return hashSignals(normalizeSignals(raw), salt)
}

/** The same for signals in normal form. */
export function hashSignals(signals: NormalSignals, salt: string): string {
  const entries = SIGNAL_NAMES.filter((name) => getSignal(name).isHashed && signals[name] !== undefined)
    .sort()
    .map((name) => [name, signals[name]])
  return murmurHash128Text(JSON.stringify([salt, ...entries]))
}
