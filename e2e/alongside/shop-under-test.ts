import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { createApp } from './app.ts'

interface Answer {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: the body of whatever was asked; tests say what they expect of it.
  readonly body: any
}

export interface Shop {
  readonly url: string
  readonly db: Awaited<ReturnType<typeof createApp>>['db']
  call(
    method: string,
    path: string,
    options?: { body?: unknown; headers?: Record<string, string> },
  ): Promise<Answer>
  close(): Promise<void>
}

/** Test support: the shop on a free port, its database in a folder of its own. */
export async function openShop(create: typeof createApp): Promise<Shop> {
  const folder = await mkdtemp(join(tmpdir(), 'shop-'))
  const shop = await create({ folder, secret: 'the secret of the shop, long enough' })
  const server = createServer(shop.app)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    db: shop.db,
    async call(method, path, { body, headers = {} } = {}) {
      const response = await fetch(url + path, {
        method,
        headers: { ...(body !== undefined && { 'Content-Type': 'application/json' }), ...headers },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })
      const text = await response.text()
      return { status: response.status, headers: response.headers, body: text && JSON.parse(text) }
    },
    async close() {
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
      await shop.close()
      await rm(folder, { recursive: true })
    },
  }
}

export const bearer = (token: string) => ({ headers: { Authorization: `Bearer ${token}` } })
