/** Widest colour space the screen claims. @see https://drafts.csswg.org/mediaqueries/#color-gamut */
export function readColorGamut(): string | undefined {
  // Each space contains the next, so the first match is the widest.
  return ['rec2020', 'p3', 'srgb'].find((gamut) => matchMedia(`(color-gamut: ${gamut})`).matches)
}
