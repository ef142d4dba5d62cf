/** Where the page's SDK is to send, as the script tag says. */
export const collector = document.currentScript?.dataset['collector'] ?? ''

/** What the bench calls in the page, whichever SDK is in it. */
export const offerTrack = (track: (marker: string) => unknown): void => {
  Object.assign(globalThis, { track })
}
