import express from 'express'
import { afterEach, expect, it } from 'vitest'
import { type Listening, listen } from '../lifecycle.ts'
import { type Dependency, healthRoutes } from './routes.ts'

let listening: Listening | undefined
afterEach(() => listening?.close())

async function serve(...dependencies: Dependency[]): Promise<string> {
  listening = await listen(express().use(healthRoutes(dependencies)), { host: '127.0.0.1', port: 0 })
  return listening.url
}

const up: Dependency = { name: 'database', ping: async () => undefined }
const down: Dependency = { name: 'database', ping: () => Promise.reject(new Error('secret-host refused')) }
const silent: Dependency = { name: 'redis', ping: () => new Promise(() => undefined) }

it('is alive while it serves, whatever is down', async () => {
  const answer = await fetch(`${await serve(down)}/healthz`)
  expect(answer.status).toBe(200)
  expect(answer.headers.get('cache-control')).toBe('no-store')
  expect(await answer.json()).toEqual({ success: true, status: 'alive' })
})

it('is ready when everything answers', async () => {
  const answer = await fetch(`${await serve(up)}/readyz/`)
  expect(answer.status).toBe(200)
  expect(await answer.json()).toEqual({ success: true, status: 'ready', checks: { database: 'up' } })
})

it('names what is down, also what does not answer at all, and no more than its name', async () => {
  const answer = await fetch(`${await serve(down, silent, { ...up, name: 'files' })}/readyz`, {
    headers: { 'X-Request-ID': 'probe-1' },
  })
  expect(answer.status).toBe(503)
  expect(answer.headers.get('retry-after')).toBe('5')
  const body = await answer.json()
  expect(body).toMatchObject({
    success: false,
    error: {
      code: 'server.unavailable',
      issues: [
        { path: 'database', message: 'Does not answer.' },
        { path: 'redis', message: 'Does not answer.' },
      ],
    },
    requestId: 'probe-1',
    checks: { database: 'down', redis: 'down', files: 'up' },
  })
  expect(JSON.stringify(body)).not.toContain('secret-host')
})
