/** Width and height of the screen in CSS pixels; sorted and rounded to 50 when it is normalised. */
export function readScreenSize(): number[] {
  return [screen.width, screen.height]
}
