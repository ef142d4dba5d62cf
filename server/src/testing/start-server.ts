import { createServer as createHttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createServer, type HelloAgainServer } from '../app.ts'
import { DEFAULT_LIMITS, type LimitName, type LimitRule } from '../gateway/limits.ts'
import { openStorage } from '../open-storage.ts'
import { createLog, type Log } from '../platform/log.ts'
import type { Storage } from '../platform/storage/storage.ts'
import type { Tables } from '../tables.ts'
import type { World } from '../world.ts'

export interface StartOptions {
  /** @default a fresh SQLite database in memory */
  readonly storage?: Storage<Tables>
  readonly config?: Partial<World['config']>
  /** @default so high that no test meets them */
  readonly limits?: World['limits']
  readonly log?: Log
  /** @default the machine's clock, moved by `clock.advance` */
  readonly startAtMs?: number
  /** @default a free one */
  readonly port?: number
}

export interface StartedServer {
  readonly url: string
  readonly storage: Storage<Tables>
  readonly server: HelloAgainServer
  readonly sites: HelloAgainServer['rooms']['sites']
  readonly clock: { nowMs(): number; advance(ms: number): void }
  close(): Promise<void>
}

const NO_LIMITS = Object.fromEntries(
  Object.keys(DEFAULT_LIMITS).map((name) => [name, { points: 1_000_000, perSeconds: 60 }]),
) as Record<LimitName, LimitRule>

const DEFAULTS: World['config'] = {
  ENABLE_EVENT_TRACKING: true,
  EVENT_RETENTION_DAYS: 90,
  FEATURES: undefined,
  PUBLIC_URL: undefined,
  RECOGNITION_LINK_CONFIDENCE: 99,
  RECOGNITION_TOKEN_DAYS: 30,
  RECOGNISE_BOTS: false,
  SESSION_EXPIRY: 30 * 86_400_000,
  TRUST_PROXY: [],
}

/** Test support: the whole server on a free port, with a clock that tests can move. */
export async function startServer(options: StartOptions = {}): Promise<StartedServer> {
  let offsetMs = options.startAtMs === undefined ? 0 : options.startAtMs - Date.now()
  const clock = {
    nowMs: () => Date.now() + offsetMs,
    advance: (ms: number) => {
      offsetMs += ms
    },
  }
  const storage = options.storage ?? (await openStorage(':memory:', ''))
  const server = await createServer({
    storage,
    nowMs: clock.nowMs,
    log: options.log ?? createLog('silent'),
    secret: 'test-only-0123456789-abcdefghijklmnop',
    config: { ...DEFAULTS, ...options.config },
    limits: { ...NO_LIMITS, ...options.limits },
  })
  const http = createHttpServer(server.handler)
  await new Promise<void>((resolve) => http.listen(options.port ?? 0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    storage,
    server,
    sites: server.rooms.sites,
    clock,
    async close() {
      await new Promise<void>((resolve) => {
        http.close(() => resolve())
        http.closeAllConnections()
      })
      await server.close()
      if (!options.storage) await storage.close()
    },
  }
}
