/** What somebody asked of sites and keys cannot be done; the message tells a person why. */
export class SiteError extends Error {
  override readonly name = 'SiteError'
}
