import type { UserData } from '@helloagain/protocol'
import type { SessionCookie } from '../platform/http/session-cookie.ts'
import type { Recognition } from '../recognition/ports.ts'
import type { DeviceKeys } from './device-keys.ts'
import type { HotSessions, SessionEvents } from './ports.ts'
import type { SessionStore } from './store.ts'

/** What the room's services are built from. */
export interface SessionParts {
  readonly store: SessionStore
  readonly hot: HotSessions
  readonly recognition: Recognition
  readonly cookie: SessionCookie
  readonly devices: Pick<DeviceKeys, 'issueNonce' | 'take'>
  readonly nowMs: () => number
  /** How long a session lives without activity. */
  readonly expiryMs: number
  readonly events: SessionEvents
  /** What an account knows of its person, as profile fields. */
  readonly userAttributes: (siteId: string, userId: string) => Promise<UserData | null | undefined>
}
