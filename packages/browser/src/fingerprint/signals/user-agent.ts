/** The user agent as it stands; versions leave it when it is normalised. */
export function readUserAgent(): string {
  return navigator.userAgent
}
