/** One way the API says no. */
export interface RefusalEntry {
  readonly status: number
  /** Shown to the client: no ids, no table names, no cause. */
  readonly message: string
  /** What the caller can do about it; docs/refusals.md prints it. */
  readonly remedy: string
}

/** Every refusal of the API, listed once. docs/refusals.md is made from this list and tested against it. */
export const REFUSALS = {
  'request.malformed_json': {
    status: 400,
    message: 'The body is not valid JSON.',
    remedy: 'Send one JSON value in UTF-8; check quotes and commas.',
  },
  'request.invalid': {
    status: 400,
    message: 'The request does not fit the contract.',
    remedy: 'Look at error.issues: each names a path and what is wrong there.',
  },
  'request.unsupported_media_type': {
    status: 415,
    message: 'The content type is not taken here.',
    remedy: 'Send Content-Type: application/json; text/plain is for event beacons only.',
  },
  'request.too_large': {
    status: 413,
    message: 'The body is larger than 1 MiB.',
    remedy: 'Split the batch and send it again.',
  },
  'request.not_found': {
    status: 404,
    message: 'There is nothing at this address.',
    remedy: 'Check path and method against the API page.',
  },
  'request.rate_limited': {
    status: 429,
    message: 'Too many requests.',
    remedy: 'Wait for the seconds in Retry-After; the RateLimit headers tell what is left.',
  },
  'request.origin_forbidden': {
    status: 403,
    message: 'This origin is not registered for the site.',
    remedy: 'Register the origin: helloagain sites origins <site> --add https://shop.example.',
  },
  'server.busy': {
    status: 503,
    message: 'The server cannot take more right now.',
    remedy: 'Retry after the seconds in Retry-After; nothing of this request was stored.',
  },
  'server.unavailable': {
    status: 503,
    message: 'The server cannot store anything right now.',
    remedy: 'Retry later; nothing of this request was stored. /readyz names the part that is down.',
  },
  'server.internal': {
    status: 500,
    message: 'Something went wrong on our side.',
    remedy: 'Report it with the requestId; the log has the cause.',
  },
  'feature.disabled': {
    status: 404,
    message: 'This feature is turned off.',
    remedy: 'The operator turns features on with FEATURES.',
  },
  'keys.unknown_site': {
    status: 401,
    message: 'No site has this key.',
    remedy: 'Copy the publishable key again: helloagain keys list <site>.',
  },
  'keys.invalid': {
    status: 401,
    message: 'This secret key is unknown or revoked.',
    remedy: 'Create a new one: helloagain keys create <site> --secret --scopes …',
  },
  'keys.scope_missing': {
    status: 403,
    message: 'This secret key lacks the scope for this call.',
    remedy: 'Create a key that has the scope the API page names for the call.',
  },
  'keys.secret_in_browser': {
    status: 403,
    message: 'A secret key was sent from a browser.',
    remedy: 'Revoke the key, it is public now; browsers use the publishable key pk_….',
  },
  'session.id_invalid': {
    status: 400,
    message: 'X-Session-ID is not a UUID.',
    remedy: 'Send the id as the server gave it.',
  },
  'session.id_missing': {
    status: 400,
    message: 'X-Session-ID is missing.',
    remedy: 'Open a session with POST /api/sessions and send its id.',
  },
  'session.proof_required': {
    status: 403,
    message: 'This needs proof of the session.',
    remedy: 'Send the session cookie (credentials: include), or a secret key with the scope.',
  },
  'session.use_dpop_nonce': {
    status: 401,
    message: 'The proof by the device key needs the nonce of this answer.',
    remedy: 'Sign a new DPoP proof with the nonce in the header DPoP-Nonce and send the request again.',
  },
  'session.proof_invalid': {
    status: 401,
    message: 'The DPoP proof does not hold, or was used before.',
    remedy:
      'Sign one for each request: ES256, typ dpop+jwt, the public JWK in the header, htm, htu, iat, jti, nonce. Behind a proxy set PUBLIC_URL.',
  },
  'session.expired': {
    status: 410,
    message: 'The session has expired.',
    remedy: 'Open a new one with POST /api/sessions; events of the old one are kept.',
  },
  'session.consent_denied': {
    status: 403,
    message: 'The person does not want to be recognised.',
    remedy: 'Do not send this call after an opt-out.',
  },
  'event.type_invalid': {
    status: 400,
    message: 'An event type is upper case letters, digits and underscores, at most 64 characters.',
    remedy: 'Use one of the nine types or a name such as CART_OPENED.',
  },
  'event.invalid': {
    status: 400,
    message: 'The event does not fit the contract.',
    remedy: 'The message names the field.',
  },
  'event.id_invalid': {
    status: 400,
    message: 'The eventId is not a UUID.',
    remedy: 'Send a UUIDv7, or none.',
  },
  'event.payload_invalid': {
    status: 400,
    message: 'The payload is not a plain JSON object.',
    remedy: 'Send an object of depth 8 at most, without __proto__, NUL bytes or lone surrogates.',
  },
  'event.payload_too_large': {
    status: 413,
    message: 'The payload is larger than 32 KiB.',
    remedy: 'Send less; large documents do not belong in events.',
  },
  'event.too_many': {
    status: 413,
    message: 'A batch carries at most 500 events.',
    remedy: 'Split the batch.',
  },
  'event.timestamp_invalid': {
    status: 400,
    message: 'The timestamp is not an ISO 8601 time.',
    remedy: 'Send new Date().toISOString().',
  },
  'event.timestamp_out_of_range': {
    status: 422,
    message: 'The time is more than a day ahead, or older than events are kept.',
    remedy: 'Send sentAt with the batch so that a wrong clock can be corrected.',
  },
  'profile.field_forbidden': {
    status: 422,
    message: 'Passwords, card numbers and codes are not profile fields.',
    remedy: 'Leave the field out.',
  },
  'profile.too_many_fields': {
    status: 422,
    message: 'A profile holds at most 64 fields.',
    remedy: 'Remove fields you do not need.',
  },
  'progress.too_large': {
    status: 413,
    message: 'The saved state is larger than 32 KiB.',
    remedy: 'Save less: answers, not pictures.',
  },
  'accounts.password_too_short': {
    status: 422,
    message: 'The password is too short: 15 characters at least.',
    remedy: 'Use a longer password; a few words will do.',
  },
  'accounts.password_too_long': {
    status: 422,
    message: 'The password is longer than 256 characters.',
    remedy: 'Use a shorter one.',
  },
  'accounts.password_common': {
    status: 422,
    message: 'This password is among the first an attacker tries.',
    remedy: 'Use another one.',
  },
  'accounts.password_personal': {
    status: 422,
    message: 'The password contains your name, your address or the name of this product.',
    remedy: 'Use one that nobody can guess from who you are.',
  },
  'accounts.username_taken': {
    status: 409,
    message: 'This user name is taken.',
    remedy: 'Choose another one.',
  },
  'auth.invalid_credentials': {
    status: 401,
    message: 'Name or password is wrong.',
    remedy: 'Try again. An address that was never verified signs in only in the browser that signed up.',
  },
  'auth.token_invalid': {
    status: 401,
    message: 'The access token is not valid.',
    remedy: 'Refresh it with POST /api/auth/refresh, or log in.',
  },
  'auth.token_expired': {
    status: 401,
    message: 'The access token has expired.',
    remedy: 'Refresh it with POST /api/auth/refresh.',
  },
  'auth.token_required': {
    status: 401,
    message: 'This call needs an access token or a secret key.',
    remedy: 'Send Authorization: Bearer ….',
  },
  'auth.refresh_invalid': {
    status: 401,
    message: 'The refresh token is unknown, used or expired.',
    remedy: 'Log in again.',
  },
  'auth.busy': {
    status: 503,
    message: 'Too many log-ins at this moment.',
    remedy: 'Retry after the seconds in Retry-After.',
  },
  'auth.origin_forbidden': {
    status: 403,
    message: 'A request with cookies came from a foreign page.',
    remedy: 'Register the origin for the site.',
  },
  'ums.not_found': {
    status: 404,
    message: 'No such user.',
    remedy: 'Use the user_id that POST /api/auth/anonymous answered.',
  },
  'visitor.not_found': {
    status: 404,
    message: 'No such visitor.',
    remedy: 'Visitor ids come from POST /api/sessions.',
  },
  'visitor.link_not_found': {
    status: 404,
    message: 'No such link of this visitor.',
    remedy: 'Link ids come from GET /api/visitors/:id of one of the two visitors.',
  },
  'visitor.both_hold_keys': {
    status: 422,
    message: 'Both visitors hold a device key: they are two browsers.',
    remedy: 'Nothing merges them. Link both to one user instead: POST /api/conversions.',
  },
  'visitor.two_users': {
    status: 422,
    message: 'The visitors belong to two users.',
    remedy: 'Nothing merges them: two people can share a browser.',
  },
  'visitor.day_scoped': {
    status: 422,
    message: 'A visitor who is not to be recognised exists for one day only.',
    remedy: 'Merge only visitors of consent mode recognition.',
  },
  'conversion.session_not_found': {
    status: 404,
    message: 'No such session.',
    remedy: 'Send the sessionId the browser uses, of the same site as the key.',
  },
  'conversion.already_linked': {
    status: 409,
    message: 'The session belongs to another user already.',
    remedy: 'Log the person out and in again: that opens a fresh session.',
  },
} as const satisfies Readonly<Record<`${string}.${string}`, RefusalEntry>>

export type RefusalCode = keyof typeof REFUSALS

/** What is wrong with one part of a request. */
export interface RequestIssue {
  /** For example `events.3.eventType`. */
  path: string
  message: string
}

/** Body of every failure. */
export interface ErrorAnswer {
  success: false
  error: { code: RefusalCode; message: string; issues?: RequestIssue[] }
  requestId: string
}
