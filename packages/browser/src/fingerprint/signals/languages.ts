/** The person's languages, best first. Chromium in incognito tells only the first (2026-11). */
export function readLanguages(): string[] {
  return navigator.languages?.length > 0 ? [...navigator.languages] : [navigator.language]
}
