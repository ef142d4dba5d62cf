import ms from 'ms'
import { openStorage, SERVING } from '../open-storage.ts'
import { createLog } from '../platform/log.ts'
import { createRooms } from '../rooms.ts'
import { composeHost } from './compose-host.ts'
import { checkOptions, type HelloAgain, type HelloAgainOptions } from './options.ts'
import type { HostUser } from './ports.ts'

/**
 * Hello Again inside your own Express application: recognition, journey and events beside the users, log-in and
 * tables you have, none of which changes.
 *
 * @throws TypeError for options that cannot be meant
 * @example
 * const helloAgain = await createHelloAgain({ secret, users: usersTable((sql, values) => db.prepare(sql).all(...values)) })
 * app.use(helloAgain.middleware())
 * app.use(helloAgain.router)
 */
export async function createHelloAgain<User extends HostUser>(
  options: HelloAgainOptions<User>,
): Promise<HelloAgain<User>> {
  checkOptions(options)
  const storage = await openStorage(options.database, options.dataFolder ?? './data', SERVING)
  const rooms = createRooms({
    storage,
    nowMs: options.nowMs ?? Date.now,
    log: options.log ?? createLog('warn'),
    secret: options.secret,
    config: {
      ENABLE_EVENT_TRACKING: true,
      EVENT_RETENTION_DAYS: 90,
      FEATURES: undefined,
      PUBLIC_URL: options.publicUrl,
      RECOGNISE_BOTS: false,
      RECOGNITION_LINK_CONFIDENCE: 99,
      RECOGNITION_TOKEN_DAYS: 30,
      SESSION_EXPIRY: ms('30d'),
      TRUST_PROXY: [...(options.trustedProxies ?? [])],
    },
  })
  await rooms.sites.ensureDefault()
  await rooms.prepare()
  for (const origin of options.allowedOrigins ?? []) await rooms.sites.addOrigin('default', origin)
  const site = await rooms.sites.getDefault()
  rooms.jobs.start()
  return {
    ...composeHost({ rooms, site, options }),
    async close() {
      await rooms.stop()
      await storage.close()
    },
  }
}
