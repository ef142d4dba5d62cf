import type { EventPayload, EventType, UserData } from '@helloagain/protocol'
import type { Uninstall } from '../interceptors/uninstall.ts'

/** What the server tells of the person in front of the page. */
export interface KnownPerson {
  /** Null without proof of the session. */
  userData: UserData | null
  restricted: boolean
  /** ISO 8601; the visit before this one. */
  lastSeen: string | null
}

/** What forms, welcome and prefill need of the client. */
export interface FormsPort {
  track(type: EventType, payload: EventPayload): void
  /** Asked anew for each form that appears; nothing of the answer outlives the fields it fills. */
  userData(): Promise<KnownPerson | undefined>
  isReturning(): Promise<boolean>
  reset(): void
  onRecognized(callback: () => void): Uninstall
  /** Calls back when somebody signs out or resets elsewhere; what was filled in is then cleared. */
  onReset?(callback: () => void): Uninstall
  /** For `data-ha-progress`; without the two it does nothing. */
  saveProgress?(name: string, state: unknown): Promise<unknown>
  resume?(name: string): Promise<unknown>
}
