import { z } from 'zod'
import { openStorage } from '../open-storage.ts'
import { SECRET_KEY_SCOPES } from '../sites/ports.ts'
import { startServer } from './start-server.ts'

/** A route as a fuzzer sees it. */
export interface FuzzRoute {
  readonly method: string
  readonly path: string
  /** JSON schema of the body; absent where the contract names none. */
  readonly body?: unknown
}

/** What the process tells its parent, once. */
export interface FuzzTarget {
  readonly port: number
  readonly routes: readonly FuzzRoute[]
  /** Publishable and secret, of two sites. */
  readonly keys: readonly string[]
}

// Test support: a server in a process of its own, so that its memory is its own. node --expose-gc fuzz-server.ts <url>
const server = await startServer({ storage: await openStorage(process.argv[2], '') })
const { sites } = server
const { publishableKey } = await sites.create('shop', { unsetMode: 'cookieless' })
const { key: secretKey } = await sites.createKey('default', 'secret', [...SECRET_KEY_SCOPES])
const [own] = await sites.listKeys('default')

process.on('message', () => {
  globalThis.gc?.()
  process.send?.(process.memoryUsage().heapUsed)
})
process.on('disconnect', () => process.exit())
const target: FuzzTarget = {
  port: Number(new URL(server.url).port),
  routes: server.server.routes.map(({ contract: { method, path, body } }) => ({
    method: method.toUpperCase(),
    path,
    ...(body && { body: z.toJSONSchema(body, { unrepresentable: 'any', io: 'input' }) }),
  })),
  keys: [publishableKey, secretKey, own?.value ?? ''],
}
process.send?.(target)
