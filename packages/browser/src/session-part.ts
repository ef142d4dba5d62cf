// What not every page needs: opening a session, and what follows a failure. The core loads it then.
// biome-ignore lint/performance/noBarrelFile: the door of a part that is loaded later.
export { createSessionOpening } from './identity/session-opening.ts'
export { mendFetch } from './interceptors/mend-fetch.ts'
export { judgeFailure } from './queue/judge-failure.ts'
