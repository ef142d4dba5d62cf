import { once } from 'node:events'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, it } from 'vitest'
import { startServer } from './testing/start-server.ts'

it.each(['http://[', '//[', 'http://x:99999999/'])(
  'a request target that is no address, %s, is not found, in our own envelope',
  async (target) => {
    const server = await startServer()
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
    await once(socket, 'connect')
    socket.write(`GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
    const answer = await text(socket)
    expect(answer).toMatch(/^HTTP\/1\.1 404 /)
    expect(answer).toMatch(/^X-Content-Type-Options: nosniff\r$/m)
    const [, body = ''] = answer.split('\r\n\r\n')
    expect(JSON.parse(body)).toMatchObject({ success: false, error: { code: 'request.not_found' } })
    await server.close()
  },
)
