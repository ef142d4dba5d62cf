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
    const chunks: Buffer[] = []
    let size = 0
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= MAX_BODY_BYTES) chunks.push(chunk)
      else reject(new Problem('request.too_large'))
    })
    request.on('end', () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)))
    request.on('error', reject)
    request.on('close', () => reject(new Problem('request.malformed_json')))
  })
}

/**
 * The JSON body of a request, counted while it streams.
 *
 * @param allowsText also takes `text/plain`, the type of beacons (no preflight)
 * @throws Problem `request.unsupported_media_type`, `request.too_large`, `request.malformed_json`
 */
export async function readJson(request: IncomingMessage, { allowsText = false } = {}): Promise<unknown> {
  checkHeaders(request, allowsText)
  const bytes = await readBytes(request)
  try {
    return JSON.parse(utf8.decode(bytes))
  } catch (cause) {
    throw new Problem('request.malformed_json', { cause })
  }
}
