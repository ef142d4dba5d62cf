// biome-ignore lint/performance/noBarrelFile: the package's one door; everything exported here is under semver.
export { createHelloAgain } from './alongside/create-hello-again.ts'
export type { Greeting } from './alongside/greeting.ts'
export type { HostJourneyService } from './alongside/host-journey.ts'
export type { HelloAgain, HelloAgainOptions, RoomName } from './alongside/options.ts'
export type { Awaitable, HostUser, Preferences, UsersAdapter } from './alongside/ports.ts'
export type { RequestIdentity } from './alongside/request-identity.ts'
export type { RunQuery, UsersTableOptions } from './alongside/users-table.ts'
export { usersTable } from './alongside/users-table.ts'
export type { HelloAgainServer } from './app.ts'
export { createServer } from './app.ts'
export type { JourneyService, JourneyTarget } from './journey/ports.ts'
export { openStorage } from './open-storage.ts'
export type { Log } from './platform/log.ts'
export { createLog } from './platform/log.ts'
export type { JourneySubject, SessionService } from './services.ts'
export {
  ActivityType,
  calculateFingerprintConfidence,
  createJourneyService,
  createSessionService,
  generateEnhancedFingerprint,
  UserJourneyStage,
  UserType,
} from './services.ts'
export type { World } from './world.ts'
