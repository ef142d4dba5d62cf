import { MIN_LINK_OBSERVATION_CONFIDENCE, type RecognitionMethod } from '@helloagain/protocol'
import { parseRawFingerprint } from '../journey/raw-fingerprint.ts'
import type { SiteIdentity } from '../platform/http/context.ts'
import type { Observation, Observe } from '../recognition/ports.ts'
import type { HostUser, UsersAdapter } from './ports.ts'

/** Whom the application's own user table knows by weak evidence. */
export interface HostRecognition<User> {
  look(raw: Readonly<Record<string, unknown>> | undefined): Promise<Observation | undefined>
  find(
    seen: Observation | undefined,
    deviceId: string | undefined,
  ): Promise<[user: User | null, method: RecognitionMethod]>
}

/** Document 000's rule: a fingerprint is used from a confidence of 60 on. */
export const isUsable = (seen: Observation | undefined): seen is Observation =>
  seen !== undefined && seen.confidence >= MIN_LINK_OBSERVATION_CONFIDENCE

export function createHostRecognition<User extends HostUser>({
  site,
  users,
  observe,
}: {
  site: SiteIdentity
  users: UsersAdapter<User>
  observe: Observe
}): HostRecognition<User> {
  return {
    look: async (raw) => raw && observe(site, parseRawFingerprint(raw, site.fingerprintSalt)),
    async find(seen, deviceId) {
      const byDevice = deviceId === undefined ? undefined : await users.findByDeviceId?.(deviceId)
      if (byDevice) return [byDevice, 'device_id']
      const byFingerprint = isUsable(seen) ? await users.findByFingerprint?.(seen.hash) : undefined
      return byFingerprint ? [byFingerprint, 'fingerprint_recognized'] : [null, 'new_user']
    },
  }
}
