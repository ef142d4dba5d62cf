/**
 * Why an event was not delivered.
 *
 * - `invalid`: the type or the payload cannot be sent (bad name, not JSON)
 * - `opted_out`: the person does not want to be recognised or counted
 * - `queue_full`: the server could not be reached for so long that memory would grow
 * - `redacted`: the site's `redact` took it out, or failed
 * - `refused`: the server refused the whole batch; the detail is its refusal code or status
 * - `rejected`: the server refused this event; the detail is its code
 * - `too_large`: the event alone is larger than the server takes
 */
export type DropReason =
  | 'invalid'
  | 'opted_out'
  | 'queue_full'
  | 'redacted'
  | 'refused'
  | 'rejected'
  | 'too_large'
