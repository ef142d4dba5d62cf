// What talks to the server: opening a session, sending events, and what follows a failure.
// biome-ignore lint/performance/noBarrelFile: the door of a part that is loaded later.
export { createSessionOpening } from './identity/session-opening.ts'
export { mendFetch } from './interceptors/mend-fetch.ts'
export { openCourier } from './queue/courier.ts'
