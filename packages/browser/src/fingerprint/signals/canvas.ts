import { getUnstableCanvasFingerprint } from '@fingerprintjs/fingerprintjs'
import { digestText } from '@helloagain/recognition'

export interface CanvasReading {
  geometry?: string
  text?: string
  isUnstable?: true
}

/**
 * Hashes of two drawings: geometry (decided by GPU and engine) and text (fonts and anti-aliasing too, so it moves
 * with zoom and screen). FingerprintJS encodes the text twice; where the two differ the browser adds noise.
 */
export async function readCanvas(pause: () => Promise<void>): Promise<CanvasReading> {
  const { geometry, text } = getUnstableCanvasFingerprint(false)
  // Drawing is one block of 10–20 ms; the rest can wait for the next slice.
  await pause()
  if (geometry === 'unstable' || text === 'unstable' || !isFaithful()) return { isUnstable: true }
  if (!geometry.startsWith('data:') || !text.startsWith('data:')) return {}
  return { geometry: digestText(geometry), text: digestText(text) }
}

/** Prefix of an encoded drawing. */
const PNG = 'data:image/png;base64,'

/**
 * Whether pixels come back as they were put, and nothing else with them. Firefox 120 and later (private windows) and
 * Brave repeat the same noise within a session, so reading twice does not find it. Ordinary windows of Firefox 153 leave
 * the pixels alone and write a chunk `deBG` of random digits, one for each session, into the file (measured 2026-11).
 *
 * @see https://bugzilla.mozilla.org/show_bug.cgi?id=1816189
 */
function isFaithful(): boolean {
  const size = 16
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = size
  const context = canvas.getContext('2d', { willReadFrequently: true })
  if (!context) return true
  const image = context.createImageData(size, size)
  // Opaque pixels only: others are stored premultiplied and come back rounded. Many colours, since flat images are
  // left alone.
  for (let at = 0; at < image.data.length; at++) image.data[at] = at % 4 === 3 ? 255 : (at * 37) % 251
  context.putImageData(image, 0, 0)
  const { data } = context.getImageData(0, 0, size, size)
  return (
    data.every((value, at) => value === image.data[at]) &&
    !atob(canvas.toDataURL().slice(PNG.length)).includes('deBG')
  )
}
