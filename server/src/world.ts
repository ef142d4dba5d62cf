import type { Config } from './config.ts'
import type { LimitName, LimitRule } from './gateway/limits.ts'
import type { Log } from './platform/log.ts'
import type { Storage } from './platform/storage/storage.ts'
import type { Tables } from './tables.ts'

/** Everything the server needs of the outside. Tests hand in their own. */
export interface World {
  readonly storage: Storage<Tables>
  /** Milliseconds since the Unix epoch. */
  readonly nowMs: () => number
  readonly log: Log
  /** Key of cookies, tokens and seals; at least 32 characters. */
  readonly secret: string
  readonly config: Pick<
    Config,
    | 'DATACENTER_PREFIXES'
    | 'ENABLE_EVENT_TRACKING'
    | 'EVENT_RETENTION_DAYS'
    | 'FEATURES'
    | 'PUBLIC_URL'
    | 'RECOGNITION_LINK_CONFIDENCE'
    | 'RECOGNITION_TOKEN_DAYS'
    | 'RECOGNISE_BOTS'
    | 'SESSION_EXPIRY'
    | 'TRUST_PROXY'
  >
  /** Overrides of the default rate limits. */
  readonly limits?: Partial<Readonly<Record<LimitName, LimitRule>>>
}
