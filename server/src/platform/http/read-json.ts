import type { IncomingMessage } from 'node:http'
import { MAX_BODY_BYTES } from '@helloagain/protocol'
import { Problem } from './problem.ts'

const JSON_TYPE = /^application\/(?:[a-z.+-]+\+)?json(?:\s*;|$)/i
const TEXT_TYPE = /^text\/plain(?:\s*;|$)/i
const utf8 = new TextDecoder('utf-8', { fatal: true })

function checkHeaders(request: IncomingMessage, allowsText: boolean): void {
  const type = request.headers['content-type'] ?? ''
  if (!JSON_TYPE.test(type) && !(allowsText && TEXT_TYPE.test(type))) {
    throw new Problem('request.unsupported_media_type')
  }
  const encoding = request.headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity') throw new Problem('request.unsupported_media_type')
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) throw new Problem('request.too_large')
}

function readBytes(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let chunks: Buffer[] = []
    let size = 0
    let isOver = false
    function fail(code: 'request.malformed_json' | 'request.too_large'): void {
      // Every request closes, also one that was read to its end.
      if (isOver) return
      isOver = true
      chunks = []
      reject(new Problem(code))
    }
    const onGone = () => fail('request.malformed_json')
    // Gone before anybody listened: there will be no further event.
    if (request.destroyed) return onGone()
    // Nobody stops listening: that would cost as much as the body itself, and the request is about to be forgotten.
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > MAX_BODY_BYTES) fail('request.too_large')
      else if (!isOver) chunks.push(chunk)
    })
    request.on('end', () => {
      if (isOver) return
      isOver = true
      resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks))
    })
    // An error is a client that went away (ECONNRESET): its fault as much as a body that ends too early.
    request.on('close', onGone).on('error', onGone)
  })
}

/**
 * What an application in front of us has read of the body already: its parser emptied the stream, and waiting for
 * it would never end.
 */
function readBefore(request: IncomingMessage): Buffer | { readonly value: unknown } | undefined {
  if (!request.readableEnded) return undefined
  const { body } = request as { body?: unknown }
  if (typeof body === 'string') return Buffer.from(body)
  return Buffer.isBuffer(body) ? body : { value: body }
}

/**
 * The JSON body of a request, counted while it streams.
 *
 * @param allowsText also takes `text/plain`, the type of beacons (no preflight)
 * @throws Problem `request.unsupported_media_type`, `request.too_large`, `request.malformed_json`
 */
export async function readJson(request: IncomingMessage, { allowsText = false } = {}): Promise<unknown> {
  checkHeaders(request, allowsText)
  const before = readBefore(request)
  if (before && 'value' in before) {
    if (before.value === undefined) throw new Problem('request.malformed_json')
    return before.value
  }
  const bytes = before ?? (await readBytes(request))
  try {
    return JSON.parse(utf8.decode(bytes))
  } catch (cause) {
    throw new Problem('request.malformed_json', { cause })
  }
}
