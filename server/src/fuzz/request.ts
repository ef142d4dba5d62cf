import fc from 'fast-check'
import type { FuzzRoute, FuzzTarget } from '../testing/fuzz-server.ts'
import { bodyFor, IDS } from './body.ts'

/** What is written to a socket, and whether it is cut off by the client instead of ended. */
export interface Wire {
  readonly parts: readonly Buffer[]
  readonly isAborted: boolean
}

const PLACES = [
  'X-Session-ID',
  'X-Site-Key',
  'Authorization',
  'Cookie',
  'Origin',
  'DPoP',
  'X-Device-Fingerprint',
]
const OTHERS = [
  'X-Request-ID',
  'Sec-Fetch-Site',
  'Sec-GPC',
  'Accept',
  'User-Agent',
  'X-Forwarded-For',
  'Expect',
  'Range',
]
const headerValue = fc.oneof(
  fc.constantFrom(
    ...IDS,
    'null',
    '1',
    '*',
    'Bearer x.y.z',
    'http://127.0.0.1',
    '100-continue',
    'bytes=0-',
    '',
  ),
  fc.stringMatching(/^[ -~]{0,60}$/),
  fc.constantFrom('x'.repeat(4000), 'é', '\u0001', 'a\tb', 'ha_session=a.b; ha_session=c'),
)

const segment = fc.oneof(
  fc.constantFrom(...IDS, 'default', '..', '%2e%2e', '%00', '%', '%ff', '*', 'constructor'),
  fc.string({ maxLength: 20 }).map((text) => encodeURIComponent(text.toWellFormed())),
)
const query = fc.oneof(
  { arbitrary: fc.constant(''), weight: 4 },
  {
    arbitrary: fc.constantFrom('?', '?a[]=1&a[b]=2', '?limit=-1&cursor=%00', `?q=${'a'.repeat(5000)}`),
    weight: 1,
  },
)

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND', 'TRACE', 'post']

function pathFor({ path }: FuzzRoute): fc.Arbitrary<string> {
  const count = path.split(':').length - 1
  return fc.tuple(fc.array(segment, { minLength: count, maxLength: count }), query).map(([values, rest]) => {
    const left = [...values]
    return path.replace(/:\w+/g, () => left.shift() ?? '') + rest
  })
}

const mostly = <T>(usual: T, ...others: T[]) =>
  fc.oneof({ arbitrary: fc.constant(usual), weight: 9 }, { arbitrary: fc.constantFrom(...others), weight: 1 })

/** A whole request as HTTP allows it, with parts gone wrong. */
function wholeRequest({ routes, keys }: FuzzTarget): fc.Arbitrary<Buffer> {
  const lane = routes.filter(({ path }) => path === '/api/events')
  return fc
    .oneof(
      { arbitrary: fc.constantFrom(...routes), weight: 3 },
      // Most of all traffic, and read by hand.
      { arbitrary: fc.constantFrom(...lane), weight: 1 },
    )
    .chain((route) =>
      fc.record({
        method: mostly(route.method, ...METHODS),
        path: pathFor(route),
        key: fc.constantFrom(...keys, 'pk_wrong'),
        session: fc.constantFrom(...IDS),
        type: mostly('application/json', 'text/plain', 'text/html', 'application/json; charset=utf-16', ''),
        headers: fc.array(fc.tuple(fc.constantFrom(...PLACES, ...OTHERS), headerValue), { maxLength: 3 }),
        body: route.method === 'GET' ? fc.constant(Buffer.alloc(0)) : bodyFor(route.body),
      }),
    )
    .map(({ method, path, key, session, type, headers, body }) => {
      const caller = key.startsWith('sk_') ? `Authorization: Bearer ${key}` : `X-Site-Key: ${key}`
      const lines = [
        `${method} ${path} HTTP/1.1`,
        ...['Host: x', caller, `X-Session-ID: ${session}`, `Content-Type: ${type}`],
        ...headers.map(([name, value]) => `${name}: ${value}`),
        `Content-Length: ${body.length}`,
      ]
      return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), body])
    })
}

const POST = 'POST /api/events HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n'
const EVENT = '{"eventType":"A","payload":{}}'
/** Requests that break the rules of HTTP: framing, smuggling, control characters, lengths, halves. */
const BROKEN = [
  `${POST}Content-Length: 5\r\nContent-Length: 6\r\n\r\n${EVENT}`,
  `${POST}Content-Length: 30\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /x HTTP/1.1\r\n\r\n`,
  `${POST}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`,
  `${POST}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n`,
  `${POST}Transfer-Encoding: chunked\r\n\r\nZZ\r\n${EVENT}\r\n0\r\n\r\n`,
  `${POST}Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n${EVENT}`,
  `${POST}Transfer-Encoding: chunked\r\n\r\n1e;${'x'.repeat(20_000)}\r\n${EVENT}\r\n0\r\n\r\n`,
  `${POST}Transfer-Encoding: chunked\r\n\r\n1e\r\n${EVENT}\r\n0\r\nX-Session-ID: ${IDS[0]}\r\n\r\n`,
  `${POST}Content-Length: -1\r\n\r\n${EVENT}`,
  `${POST}Content-Length: 1e3\r\n\r\n${EVENT}`,
  `${POST}Content-Length: 99999999999999999999\r\n\r\n${EVENT}`,
  `${POST}Content-Length: 400\r\n\r\n${EVENT}`,
  `${POST}Content-Length: 30\r\nContent-Encoding: gzip\r\n\r\n${EVENT}`,
  `${POST}Expect: the-unexpected\r\nContent-Length: 30\r\n\r\n${EVENT}`,
  `${POST}X: ${'y'.repeat(70_000)}\r\n\r\n`,
  `${POST}${Array.from({ length: 3000 }, (_, index) => `X-${index}: 1\r\n`).join('')}\r\n`,
  `${POST}X: a\u0000b\r\n\r\n`,
  `${POST} folded: 1\r\n\tmore\r\n\r\n`,
  'POST /api/events HTTP/1.1\r\n\r\n',
  'POST /api/events HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n',
  'POST /api/events HTTP/9.9\r\nHost: x\r\n\r\n',
  `GET /${'a'.repeat(30_000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
  'GET http://elsewhere/api/events HTTP/1.1\r\nHost: x\r\n\r\n',
  'GET //elsewhere/%2e%2e/%5c HTTP/1.1\r\nHost: x\r\n\r\n',
  'CONNECT example.org:443 HTTP/1.1\r\nHost: x\r\n\r\n',
  'GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'GET\u0001/ HTTP/1.1\r\n\r\n',
  '\r\n\r\n\r\nGET / HTTP/1.1\nHost: x\n\n',
  '\u0016\u0003\u0001\u0002\u0000',
].map((text) => Buffer.from(text, 'latin1'))

const cut = (bytes: Buffer, at: number) => {
  const end = Math.floor(bytes.length * at)
  return [bytes.subarray(0, end), bytes.subarray(end)]
}
const share = fc.double({ min: 0, max: 1, noNaN: true })

/** Anything a client may send, from right to hostile. */
export function anyWire(target: FuzzTarget): fc.Arbitrary<Wire> {
  const whole = wholeRequest(target)
  const broken = fc.oneof(
    fc.constantFrom(...BROKEN),
    fc.tuple(fc.constantFrom(...BROKEN), fc.nat(), fc.nat(255)).map(([bytes, at, value]) => {
      const spoilt = Buffer.from(bytes)
      spoilt[at % spoilt.length] = value
      return spoilt
    }),
  )
  return fc.oneof(
    { weight: 12, arbitrary: whole.map((bytes) => ({ parts: [bytes], isAborted: false })) },
    { weight: 3, arbitrary: broken.map((bytes) => ({ parts: [bytes], isAborted: false })) },
    // In two writes, all of it, a half that is ended, or a half that is torn off.
    {
      weight: 2,
      arbitrary: fc
        .tuple(fc.oneof(whole, broken), share, fc.constantFrom('all', 'half', 'torn'))
        .map(([bytes, at, how]) => ({
          parts: how === 'all' ? cut(bytes, at) : cut(bytes, at).slice(0, 1),
          isAborted: how === 'torn',
        })),
    },
    // Pipelined: one after the other, without waiting.
    {
      weight: 1,
      arbitrary: fc
        .array(fc.oneof(whole, broken), { minLength: 2, maxLength: 5 })
        .map((parts) => ({ parts, isAborted: false })),
    },
  )
}
