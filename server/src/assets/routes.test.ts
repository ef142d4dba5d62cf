import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { get, type IncomingHttpHeaders } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import express from 'express'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { answerErrors } from '../gateway/app.ts'
import { type Listening, listen } from '../lifecycle.ts'
import { createLog, type Log } from '../platform/log.ts'
import { createAssets } from './routes.ts'

const SOURCE = `globalThis.HelloAgain = { marker: '${'x'.repeat(2000)}' }`
let folder: string
let listening: Listening
const lines: string[] = []
const log: Log = createLog('info', { write: (line) => void lines.push(line) })

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assets-'))
  const names = [
    'helloagain.js',
    'helloagain-session.js',
    'helloagain-delivery.js',
    'helloagain-extras.js',
    'helloagain-errors.js',
    'helloagain-probes.js',
    'helloagain-debug.js',
    'helloagain.96e88ff9a5ad.js',
    'ums-enhanced-fingerprint.js',
  ]
  for (const name of names) await writeFile(join(folder, name), SOURCE)
  await writeFile(join(folder, 'manifest.json'), '{"version":"1"}')
  await writeFile(join(folder, 'index.js'), 'export {}')
  const app = express().use(createAssets({ folder, log })).use(answerErrors(log))
  listening = await listen(app, { host: '127.0.0.1', port: 0 })
})
afterAll(async () => {
  await listening.close()
  await rm(folder, { recursive: true })
})

interface Reply {
  readonly status: number | undefined
  readonly bytes: Buffer
  readonly headers: IncomingHttpHeaders
}

/** As it is on the wire: fetch undoes the coding and turns its own caching off. */
function raw(path: string, headers: Record<string, string>): Promise<Reply> {
  return new Promise((resolve, reject) => {
    get(`${listening.url}${path}`, { headers }, async (response) => {
      const bytes = Buffer.concat(await response.toArray())
      resolve({ status: response.statusCode, bytes, headers: response.headers })
    }).on('error', reject)
  })
}

it.each([
  ['/sdk/v1/helloagain.js', 'text/javascript; charset=utf-8', 'public, max-age=300'],
  ['/sdk/v1/helloagain-extras.js', 'text/javascript; charset=utf-8', 'public, max-age=300'],
  ['/sdk/v1/helloagain-probes.js', 'text/javascript; charset=utf-8', 'public, max-age=300'],
  [
    '/sdk/v1/helloagain.96e88ff9a5ad.js',
    'text/javascript; charset=utf-8',
    'public, max-age=31536000, immutable',
  ],
  ['/sdk/v1/manifest.json', 'application/json; charset=utf-8', 'public, max-age=60'],
  ['/lib/ums-enhanced-fingerprint.js', 'text/javascript; charset=utf-8', 'public, max-age=300'],
])('serves %s to pages of every origin', async (path, type, cache) => {
  const answer = await fetch(`${listening.url}${path}`, { headers: { Origin: 'https://shop.example' } })
  expect(answer.status).toBe(200)
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    'content-type': type,
    'cache-control': cache,
    'access-control-allow-origin': '*',
    'cross-origin-resource-policy': 'cross-origin',
    'x-content-type-options': 'nosniff',
    'content-security-policy': expect.stringContaining("default-src 'none'"),
    vary: 'Accept-Encoding',
  })
  expect(answer.headers.get('access-control-allow-credentials')).toBeNull()
  expect(await answer.text()).toBe(path.endsWith('.json') ? '{"version":"1"}' : SOURCE)
})

it('compresses as the browser asks', async () => {
  const br = await raw('/sdk/v1/helloagain.js', { 'Accept-Encoding': 'gzip, deflate, br, zstd' })
  expect([br.headers['content-encoding'], brotliDecompressSync(br.bytes).toString()]).toEqual(['br', SOURCE])
  const zipped = await raw('/sdk/v1/helloagain.js', { 'Accept-Encoding': 'gzip' })
  expect([zipped.headers['content-encoding'], gunzipSync(zipped.bytes).toString()]).toEqual(['gzip', SOURCE])
  const plain = await raw('/sdk/v1/helloagain.js', { 'Accept-Encoding': 'br;q=0, gzip;q=0' })
  expect([plain.headers['content-encoding'], plain.bytes.toString()]).toEqual([undefined, SOURCE])
  expect(br.bytes.length).toBeLessThan(SOURCE.length / 4)
})

it('answers 304 to a browser that has the file, and anew after a rebuild', async () => {
  const path = '/sdk/v1/helloagain-probes.js'
  const known = { 'If-None-Match': (await raw(path, {})).headers.etag ?? '' }
  const again = await raw(path, known)
  expect([again.status, again.bytes.length]).toEqual([304, 0])
  expect((await raw(path, { ...known, 'Accept-Encoding': 'br' })).status).toBe(200)
  await writeFile(join(folder, 'helloagain-probes.js'), 'rebuilt()')
  const rebuilt = await raw(path, known)
  expect([rebuilt.status, rebuilt.bytes.toString()]).toEqual([200, 'rebuilt()'])
})

it('answers HEAD without a body', async () => {
  const answer = await fetch(`${listening.url}/sdk/v1/helloagain.js`, { method: 'HEAD' })
  expect([answer.status, await answer.text()]).toEqual([200, ''])
})

it.each([
  '/sdk/v1/index.js',
  '/sdk/v1/helloagain-gone.js',
  '/sdk/v1/..%2Fpackage.json',
  '/sdk/v1/%2e%2e%2f%2e%2e%2fetc%2fpasswd',
  '/sdk/v1/helloagain.js%00',
  '/sdk/v1/',
  '/lib/helloagain.js',
])('gives out nothing but browser files: %s', async (path) => {
  const answer = await fetch(`${listening.url}${path}`)
  expect(answer.status).toBe(404)
  if (path !== '/sdk/v1/' && path !== '/lib/helloagain.js') {
    expect(await answer.json()).toMatchObject({ success: false, error: { code: 'request.not_found' } })
  }
})

it('says at the start which files are missing, and answers 404 for them', async () => {
  const empty = await mkdtemp(join(tmpdir(), 'assets-'))
  expect(lines.join()).not.toContain('not built')
  createAssets({ folder: empty, log })
  const line = lines.find((entry) => entry.includes('the SDK is not built'))
  expect(JSON.parse(line ?? '{}')).toMatchObject({ missing: expect.arrayContaining(['helloagain.js']) })
  await rm(empty, { recursive: true })
})
