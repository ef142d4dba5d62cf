/** System and processor in the browser's old words; frozen on Chromium, `MacIntel` on every Mac and desktop-mode iPad. */
export function readPlatform(): string {
  return navigator.platform
}
