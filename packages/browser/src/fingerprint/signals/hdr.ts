/** Whether the screen shows a high dynamic range. */
export function readHdr(): boolean {
  return matchMedia('(dynamic-range: high)').matches
}
