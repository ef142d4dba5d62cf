/** The contrast the person asked for. @see https://drafts.csswg.org/mediaqueries-5/#prefers-contrast */
export function readContrast(): string | undefined {
  return ['no-preference', 'more', 'less', 'custom'].find(
    (wish) => matchMedia(`(prefers-contrast: ${wish})`).matches,
  )
}
