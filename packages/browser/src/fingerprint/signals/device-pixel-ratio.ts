/** Device pixels per CSS pixel; moves with zoom and screen. */
export function readDevicePixelRatio(): number {
  return devicePixelRatio
}
