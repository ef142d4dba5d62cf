import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { request } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { Client } from 'pg'
import { afterEach, beforeEach, expect, inject, it, vi } from 'vitest'
import { runCommand, type Served, startServe } from '../testing/command-line.ts'

// Processes: slow on a busy machine.
vi.setConfig({ testTimeout: 90_000 })

let folder: string
let served: Served | undefined
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'serve-'))
})
afterEach(async () => {
  await served?.stop('SIGKILL')
  served = undefined
  await rm(folder, { recursive: true })
})

const run = (line: string) => runCommand(line.split(' '), { folder })

interface Reply {
  readonly status: number | undefined
  readonly body: string
}

/** A request whose body is held back until `finish`; resolves once the server has its head. */
function openRequest(url: string, headers: Record<string, string>) {
  const body = JSON.stringify({
    events: [{ eventId: randomUUID(), eventType: 'PAGE_VIEW', payload: { page: '/' } }],
  })
  const length = String(Buffer.byteLength(body))
  const sent = request(`${url}/api/events`, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      'Content-Length': length,
      // The server says so as soon as it has taken the request.
      Expect: '100-continue',
      ...headers,
    },
  })
  const reply = new Promise<Reply>((resolve, reject) => {
    sent.on('error', reject)
    sent.on('response', async (response) => {
      resolve({ status: response.statusCode, body: Buffer.concat(await response.toArray()).toString() })
    })
  })
  const taken = new Promise<void>((resolve) => sent.once('continue', resolve))
  sent.flushHeaders()
  return { taken, reply, finish: () => sent.end(body) }
}

it('tells address, key and the snippet to paste, and serves what it tells', async () => {
  served = await startServe({ folder })
  const { url, publishableKey } = served
  expect(served.text().out).toContain(
    `<script async src="${url}/sdk/v1/helloagain.js" data-site-key="${publishableKey}"></script>`,
  )
  expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ success: true, status: 'alive' })
  expect((await fetch(`${url}/readyz`)).status).toBe(200)
  const opened = await fetch(`${url}/api/sessions`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-Site-Key': publishableKey },
    body: '{}',
  })
  expect([opened.status, await opened.json()]).toEqual([200, expect.objectContaining({ success: true })])
})

it('serves from PostgreSQL as well, keeps its password to itself and ends with 0', async () => {
  const admin = new Client({ connectionString: inject('postgresUrl') })
  await admin.connect()
  await admin.query('CREATE DATABASE serve_test')
  await admin.end()
  const place = new URL(inject('postgresUrl'))
  place.pathname = 'serve_test'
  served = await startServe({ folder, env: { DATABASE_URL: place.href, LOG_LEVEL: 'debug' } })
  expect(await (await fetch(`${served.url}/readyz`)).json()).toEqual({
    success: true,
    status: 'ready',
    checks: { database: 'up' },
  })
  const held = openRequest(served.url, {
    'X-Session-ID': randomUUID(),
    'X-Site-Key': served.publishableKey,
  })
  await held.taken
  const ended = served.stop()
  held.finish()
  expect(JSON.parse((await held.reply).body).accepted).toBe(1)
  const { code, out, err } = await ended
  expect(code).toBe(0)
  expect(out + err).not.toContain(place.password)
})

it('W5 makes its secret at the first start, keeps it to itself and starts on it again', async () => {
  served = await startServe({ folder, env: { LOG_LEVEL: 'debug' } })
  const path = join(folder, 'data', 'session-secret')
  const secret = (await readFile(path, 'utf8')).trim()
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  for (const file of ['helloagain.sqlite', 'helloagain.sqlite-wal']) {
    expect((await stat(join(folder, 'data', file))).mode & 0o777).toBe(0o600)
  }
  await fetch(`${served.url}/api/nothing`)
  const { code, out, err } = await served.stop()
  expect(code).toBe(0)
  expect(out + err).not.toContain(secret)
  served = await startServe({ folder })
  expect((await readFile(path, 'utf8')).trim()).toBe(secret)
})

it('learns within seconds of a site and an origin that the command line makes while it runs', async () => {
  served = await startServe({ folder })
  const { url } = served
  const origin = 'https://shop.example'
  const preflight = () =>
    fetch(`${url}/api/sessions`, {
      method: 'OPTIONS',
      headers: { Origin: origin, 'Access-Control-Request-Method': 'POST' },
    })
  expect((await preflight()).status).toBe(403)
  const made = await run('sites create shop')
  const key = /pk_[A-Za-z0-9_-]+/.exec(made.out)?.[0] ?? ''
  expect((await run(`sites origins shop --add ${origin}`)).code).toBe(0)
  await expect.poll(async () => (await preflight()).status, { timeout: 10_000 }).toBe(204)

  const open = (siteKey: string) =>
    fetch(`${url}/api/sessions`, {
      method: 'POST',
      headers: { Origin: origin, 'Content-Type': 'application/json', 'X-Site-Key': siteKey },
      body: '{}',
    })
  const own = await open(key)
  expect([own.status, own.headers.get('access-control-allow-origin')]).toEqual([200, origin])
  // The origin is the shop's alone.
  expect((await open(served.publishableKey)).status).toBe(403)
})

it('answers the requests it took when SIGTERM comes, keeps what they brought, and ends with 0', async () => {
  served = await startServe({ folder })
  const sessionId = randomUUID()
  const headers = { 'X-Session-ID': sessionId, 'X-Site-Key': served.publishableKey }
  const { url } = served
  const requests = Array.from({ length: 8 }, () => openRequest(url, headers))
  await Promise.all(requests.map(({ taken }) => taken))

  const ended = served.stop('SIGTERM')
  // Nothing new is taken from now on.
  await expect
    .poll(() => fetch(`${url}/healthz`).then(String, () => 'refused'), { timeout: 10_000 })
    .toBe('refused')
  for (const { finish } of requests) finish()
  const replies = await Promise.all(requests.map(({ reply }) => reply))
  expect(replies.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 202))
  expect(replies.map(({ body }) => JSON.parse(body).accepted)).toEqual(Array.from({ length: 8 }, () => 1))
  expect(await ended).toMatchObject({ code: 0 })

  const file = new BetterSqlite3(join(folder, 'data', 'helloagain.sqlite'), { readonly: true })
  expect(file.prepare('SELECT count(*) FROM event_logs').pluck().get()).toBe(8)
  file.close()
})

it('ends at once when somebody asks twice', async () => {
  served = await startServe({ folder })
  const held = openRequest(served.url, { 'X-Site-Key': served.publishableKey })
  held.reply.catch(() => undefined)
  await held.taken
  const { url, child } = served
  const first = served.stop('SIGINT')
  await expect
    .poll(() => fetch(`${url}/healthz`).then(String, () => 'refused'), { timeout: 10_000 })
    .toBe('refused')
  child.kill('SIGINT')
  expect((await first).code).toBe(130)
})

it('says in one line that the port is taken, and ends with 1', async () => {
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  const address = other.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const { code, out, err } = await run(`serve --port ${port}`)
  other.close()
  expect([code, out]).toEqual([1, ''])
  expect(err.trim().split('\n')).toHaveLength(1)
  expect(err).toContain(`${port}`)
  expect(err).toContain('Another program listens there')
})

it('says in one line that the secret is not the one of this database, and ends with 1', async () => {
  served = await startServe({ folder })
  await served.stop()
  const env = { SESSION_SECRET: randomBytes(32).toString('base64') }
  const { code, out, err } = await runCommand(['serve', '--port', '0'], { folder, env })
  expect([code, out]).toEqual([1, ''])
  expect(err.trim().split('\n')).toHaveLength(1)
  expect(err).toContain('made with another secret')
  expect(err).not.toContain(env.SESSION_SECRET)
})
