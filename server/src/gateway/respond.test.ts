import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import { createLog } from '../platform/log.ts'
import { respondFailure } from './respond.ts'

it('R68 answers a failure of ours with the request id alone, and tells the cause to the log', async () => {
  const lines: string[] = []
  const log = createLog('info', { write: (line) => void lines.push(line) })
  const error = new Error('SELECT secret FROM users at /srv/app/store.ts')
  const server = createServer((_request, answer) =>
    respondFailure(answer, { error, requestId: 'r-1', path: '/api/x?token=s3cret' }, log),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  server.close()

  expect(response.status).toBe(500)
  expect(await response.json()).toEqual({
    success: false,
    error: { code: 'server.internal', message: 'Something went wrong on our side.' },
    requestId: 'r-1',
  })
  expect(lines.join('')).toContain('SELECT secret')
  expect(lines.join('')).not.toContain('s3cret')
})
