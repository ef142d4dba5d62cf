import { connect } from 'node:net'
import type { Wire } from './request.ts'

/** One answer on a connection. */
export interface Answer {
  readonly status: number
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>
  readonly body: string
}

const EMPTY_CHUNKS = '0\r\n\r\n'
/** No answer takes as long; whoever waits longer waits for one that never comes. */
const SILENCE_LIMIT_MS = 30_000

/** Writes to a connection of its own and answers all that came back by its end. @throws Error when it never ends */
export function exchange(port: number, { parts, isAborted }: Wire): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    const socket = connect(port, '127.0.0.1')
    socket.setTimeout(SILENCE_LIMIT_MS, () => {
      reject(new Error('The server neither answered nor closed the connection.'))
      socket.destroy()
    })
    socket.on('data', (chunk) => chunks.push(chunk))
    // A server that has answered may reset a client that goes on sending; one that is gone is found out later.
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(Buffer.concat(chunks)))
    for (const part of parts) socket.write(part)
    if (isAborted) socket.write('', () => socket.destroy())
    else socket.end()
  })
}

// No answer yet. To a pipelined request that expects it, Node 24 writes it between the answer's head and its body.
const INTERIM = 'HTTP/1.1 100 Continue\r\n\r\n'

/** Splits what came back into answers; bodies end by Content-Length or with the connection. */
export function parseAnswers(bytes: Buffer): Answer[] {
  const answers: Answer[] = []
  let rest = Buffer.from(bytes.toString('latin1').replaceAll(INTERIM, ''), 'latin1')
  for (;;) {
    const end = rest.indexOf('\r\n\r\n')
    const [line = '', ...lines] = rest.subarray(0, Math.max(end, 0)).toString('latin1').split('\r\n')
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(line)?.[1])
    if (end === -1 || Number.isNaN(status)) return answers
    const headers = new Map(
      lines.map((header): [string, string] => {
        const colon = header.indexOf(':')
        return [header.slice(0, colon).toLowerCase(), header.slice(colon + 1).trim()]
      }),
    )
    // Ours have a length. Node's own are empty, with chunks or without a word; it writes its 400 past the answers in line.
    if (headers.get('transfer-encoding') === 'chunked')
      headers.set('content-length', String(EMPTY_CHUNKS.length))
    const hasBody = status >= 200 && status !== 204 && status !== 304
    const length = hasBody ? Number(headers.get('content-length') ?? 0) : 0
    const body = rest.subarray(end + 4, end + 4 + length)
    answers.push({ status, headers, body: body.toString().replace(EMPTY_CHUNKS, '') })
    rest = rest.subarray(end + 4 + body.length)
  }
}
