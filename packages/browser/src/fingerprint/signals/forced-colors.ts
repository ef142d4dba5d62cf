/** Whether the person replaced the page's colours (Windows high contrast). */
export function readForcedColors(): boolean {
  return matchMedia('(forced-colors: active)').matches
}
