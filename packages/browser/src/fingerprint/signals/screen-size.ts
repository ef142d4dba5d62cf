import { getUnstableScreenResolution } from '@fingerprintjs/fingerprintjs'

/** Width and height of the screen in CSS pixels, the long side first; rounded to 50 when it is normalised. */
export function readScreenSize(): number[] | undefined {
  const [long, short] = getUnstableScreenResolution()
  return typeof long === 'number' && typeof short === 'number' ? [long, short] : undefined
}
