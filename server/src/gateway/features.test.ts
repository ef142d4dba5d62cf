import { expect, it } from 'vitest'
import { startServer } from '../testing/start-server.ts'

it('answers 404 feature.disabled for what FEATURES leaves out, ingest included, and serves the rest', async () => {
  const { url, close } = await startServer({ config: { FEATURES: ['sessions'] } })
  const post = async (path: string) => {
    const response = await fetch(`${url}${path}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: '{}',
    })
    const answer = (await response.json()) as { error?: { code: string } }
    return [response.status, answer.error?.code]
  }
  expect(await post('/api/events')).toEqual([404, 'feature.disabled'])
  expect(await post('/api/auth/anonymous')).toEqual([404, 'feature.disabled'])
  expect(await post('/api/sessions')).toEqual([200, undefined])
  await close()
})
