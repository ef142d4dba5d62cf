/** A number the page gave, or the fallback where it is none or out of range. */
export function within(value: unknown, [least, fallback, most]: readonly [number, number, number]): number {
  return typeof value === 'number' && value >= least && value <= most ? value : fallback
}
