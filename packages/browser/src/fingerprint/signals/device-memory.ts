/** Gigabytes of memory, coarsened by the browser; Chromium over https only. @see https://www.w3.org/TR/device-memory/ */
export function readDeviceMemory(): number | undefined {
  return (navigator as { deviceMemory?: number }).deviceMemory
}
