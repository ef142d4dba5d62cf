import { randomUUID } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openStorage } from '../open-storage.ts'
import { createLog } from '../platform/log.ts'
import type { Storage } from '../platform/storage/storage.ts'
import { createExpiry } from '../recognition/expiry.ts'
import { createRecogniserStore } from '../recognition/recogniser-store.ts'
import type { Tables } from '../tables.ts'
import { createDeviceKey, withDeviceKey } from '../testing/device-key.ts'
import { createSignals, fingerprintOf } from '../testing/signals.ts'
import { type StartedServer, startServer } from '../testing/start-server.ts'
import { createTestBrowser } from '../testing/test-browser.ts'

const DAY_MS = 86_400_000
const OPEN = ['POST', '/api/sessions'] as const

let folder: string
let storage: Storage<Tables>
let server: StartedServer
const lines: string[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tokens-'))
  storage = await openStorage(undefined, folder)
  server = await startServer({
    storage,
    log: createLog('debug', { write: (line) => void lines.push(line) }),
  })
})
afterEach(async () => {
  await server.close()
  await storage.close()
  await rm(folder, { recursive: true })
})

/** Somebody whose browser told everything, twice, and what may never be left of it. */
async function createRemembered() {
  const site = await server.sites.getDefault()
  const browser = withDeviceKey(server.url, createTestBrowser(server), await createDeviceKey())
  const signals = createSignals()
  const fingerprint = fingerprintOf(signals, site.fingerprintSalt)
  const evidence = { deviceId: randomUUID(), fingerprint, deviceKey: browser.key.publicJwk }
  const { body } = await browser.call(...OPEN, { body: {} })
  await browser.prove(...OPEN, { body: evidence })
  const { observed } = await server.server.rooms.observe(site, {
    ...fingerprint,
    networkPrefix: '127.0.0.0/24',
  })
  const raw = [signals.canvas, signals.webgl, signals.gpuRenderer, evidence.deviceId]
  const tokens = [fingerprint.hash, ...Object.values(observed?.tokens ?? {})]
  const key = [browser.key.keyId, browser.key.publicJwk.x]
  return { browser, sessionId: body.session.sessionId as string, raw, tokens, key }
}

async function searchFiles(traces: readonly string[]): Promise<string[]> {
  const names = await readdir(folder)
  const files = await Promise.all(names.map((name) => readFile(join(folder, name), 'latin1')))
  return traces.filter((trace) => [...files, ...lines].some((text) => text.includes(trace)))
}

it('P3 what a browser shows is stored as tokens, nothing of it as it came', async () => {
  const { raw, tokens, key } = await createRemembered()
  expect(tokens.length).toBeGreaterThan(10)
  expect(await searchFiles([...tokens, ...key])).toHaveLength(tokens.length + key.length)
  expect(await searchFiles(raw)).toEqual([])
})

it('P6 erasure leaves neither tokens nor key in the database files', async () => {
  const { browser, sessionId, tokens, key } = await createRemembered()
  const other = await createRemembered()
  expect((await browser.call('DELETE', `/api/sessions/${sessionId}`)).status).toBe(200)
  await server.server.rooms.flush()
  expect(await searchFiles([...key, ...tokens.filter((token) => !other.tokens.includes(token))])).toEqual([])
  expect(await searchFiles(other.tokens)).toHaveLength(other.tokens.length)
})

it('P5 tokens are gone from the database files thirty days after they were last seen, and not before', async () => {
  const { tokens } = await createRemembered()
  const expiry = createExpiry({
    ...{ store: createRecogniserStore(storage), nowMs: server.clock.nowMs },
    ...{ ttlMs: 30 * DAY_MS, log: createLog('silent') },
  })
  const { signal } = new AbortController()
  server.clock.advance(30 * DAY_MS - 3_600_000)
  await expiry.run(signal)
  expect(await searchFiles(tokens)).toHaveLength(tokens.length)
  server.clock.advance(3_600_000)
  await expiry.run(signal)
  expect(await searchFiles(tokens)).toEqual([])
})
