/** Fingers the screen can follow at once; 0 without touch. Tells a desktop-mode iPad (5) from a Mac. */
export function readTouchPoints(): number {
  return navigator.maxTouchPoints
}
