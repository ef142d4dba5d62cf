/** Maker of the browser engine, in the browser's own words. */
export function readVendor(): string {
  return navigator.vendor
}
