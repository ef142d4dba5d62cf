// What calls the server, opens a session, and sends again what failed for our headers.
// biome-ignore lint/performance/noBarrelFile: the door of a part that is loaded later.
export { createSessionOpening } from './identity/session-opening.ts'
export { mendFetch } from './interceptors/mend-fetch.ts'
export { callServer } from './transport/fetch-transport.ts'
