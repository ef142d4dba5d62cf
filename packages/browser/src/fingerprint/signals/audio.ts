import { getUnstableAudioFingerprint } from '@fingerprintjs/fingerprintjs'

async function renderOnce(): Promise<number> {
  const started = await getUnstableAudioFingerprint()
  return typeof started === 'function' ? await started() : started
}

/**
 * Sum of a rendered tone, decided by the browser's audio code and processor.
 * Rendered twice: Safari 17 in private windows and Brave add noise, anew each time or not (2026-11).
 */
export async function readAudio(): Promise<number | { isUnstable: true } | undefined> {
  const [first, second] = await Promise.all([renderOnce(), renderOnce()])
  // FingerprintJS answers negative codes where there is no audio to render.
  if (first < 0) return undefined
  return first === second ? first : { isUnstable: true }
}
