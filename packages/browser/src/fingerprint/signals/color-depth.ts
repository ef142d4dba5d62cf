/** Bits per pixel of the screen. */
export function readColorDepth(): number {
  return screen.colorDepth
}
