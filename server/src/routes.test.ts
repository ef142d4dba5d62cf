import { readdirSync, readFileSync } from 'node:fs'
import { REFUSALS } from '@helloagain/protocol'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { DEFAULT_LIMITS } from './gateway/limits.ts'
import type { Route } from './platform/http/route.ts'
import { SECRET_KEY_SCOPES } from './sites/ports.ts'
import { type StartedServer, startServer } from './testing/start-server.ts'
import { createTestBrowser } from './testing/test-browser.ts'

let server: StartedServer
let routes: readonly Route[]
beforeAll(async () => {
  server = await startServer()
  routes = server.server.routes
})
afterAll(() => server.close())

interface Layer {
  readonly route?: { readonly path: string; readonly stack: readonly { method: string }[] }
  readonly handle?: { readonly stack?: readonly Layer[] }
}

/** What Express has mounted, however deep, as `get /path`. */
const mounted = (stack: readonly Layer[]): string[] =>
  stack.flatMap(({ route, handle }) => [
    ...(route ? [...new Set(route.stack.map(({ method }) => `${method} ${route.path}`))] : []),
    ...mounted(handle?.stack ?? []),
  ])

it('R54 every mounted route has a contract, an access that is known and a limit that exists', () => {
  const declared = routes.map(({ contract: { method, path } }) => `${method} ${path}`)
  const { stack } = server.server.api.router as unknown as { stack: Layer[] } // Express keeps its layers to itself.
  expect(mounted(stack).sort()).toEqual([...declared].sort())
  const known = ['anyone', 'proof', 'self', ...SECRET_KEY_SCOPES.map((scope) => `secret:${scope}`)]
  for (const { contract } of routes) {
    expect(contract.access.length, contract.path).toBeGreaterThan(0)
    for (const access of contract.access) expect(known, contract.path).toContain(access)
    expect(Object.keys(DEFAULT_LIMITS)).toContain(contract.limit ?? 'everything_else')
  }
})

it('R54 a caller without credentials gets nothing from a route that is not for anyone', async () => {
  const closed = routes.filter(({ contract }) => !contract.access.includes('anyone'))
  expect(closed.length).toBeGreaterThan(5)
  for (const { contract } of closed) {
    const path = contract.path.replace(/:\w+/g, () => crypto.randomUUID())
    const body = { state: 1, activity_type: 'CHAT_START' }
    const answer = await createTestBrowser(server).call(contract.method.toUpperCase(), path, {
      ...(contract.body && { body }),
    })
    const isEmpty = answer.body.restricted === true && answer.body.session.userData === null
    expect(isEmpty || [401, 403].includes(answer.status), `${contract.method} ${contract.path}`).toBe(true)
  }
})

it('W7 a secret key is refused where its scope is not named', async () => {
  const scope = 'journey:read'
  const { key } = await server.sites.createKey('default', 'secret', [scope])
  const others = routes
    .map(({ contract }) => contract)
    .filter(({ access }) => !access.includes(`secret:${scope}`))
  for (const contract of others) {
    const path = contract.path.replace(/:\w+/g, () => crypto.randomUUID())
    const answer = await createTestBrowser(server).call(contract.method.toUpperCase(), path, {
      headers: { Authorization: `Bearer ${key}` },
      ...(!['get', 'delete'].includes(contract.method) && { body: {} }),
    })
    expect([answer.status, answer.body.error.code], path).toEqual([403, 'keys.scope_missing'])
  }
})

it('every refusal in the protocol’s list is given by some source', () => {
  const folder = new URL('.', import.meta.url)
  const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map((name) => readFileSync(new URL(name, folder), 'utf8'))
    // Naming a refusal in a contract gives it to nobody.
    .map((text) => text.replace(/refusals: \[[^\]]*\]|REFUSALS = \[[^\]]*\]/g, ''))
    .join('\n')
  expect(Object.keys(REFUSALS).filter((code) => !sources.includes(`'${code}'`))).toEqual([])
})
