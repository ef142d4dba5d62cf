/** Whether the person asked for less transparency. */
export function readReducedTransparency(): boolean {
  return matchMedia('(prefers-reduced-transparency: reduce)').matches
}
