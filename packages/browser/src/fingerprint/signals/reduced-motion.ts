/** Whether the person asked for less motion. */
export function readReducedMotion(): boolean {
  return matchMedia('(prefers-reduced-motion: reduce)').matches
}
