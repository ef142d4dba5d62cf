/** Whether the person inverts colours. Safari only (2026-11). */
export function readInvertedColors(): boolean | undefined {
  return matchMedia('(inverted-colors)').matches || matchMedia('(inverted-colors: none)').matches
    ? matchMedia('(inverted-colors: inverted)').matches
    : undefined
}
