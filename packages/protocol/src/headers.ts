/** Carries the session id (a UUID) of the anonymous visitor. */
export const SESSION_HEADER = 'X-Session-ID'
/** Request: the browser's own fingerprint, while there is no access token. Answer: one the server had to make. */
export const FINGERPRINT_HEADER = 'X-Device-Fingerprint'
/** Publishable key `pk_…` of the site. Absent means the site `default`. */
export const SITE_KEY_HEADER = 'X-Site-Key'
/** Echoed or made by the server; stands in every log line and error. */
export const REQUEST_ID_HEADER = 'X-Request-ID'
/** Proof by the device key, RFC 9449. */
export const DPOP_HEADER = 'DPoP'
/** Answer: what the next proof by the device key has to sign. Begins with the server's time in seconds. */
export const DPOP_NONCE_HEADER = 'DPoP-Nonce'
