// A load client in a process of its own: raw keep-alive sockets, one request in flight each, every body its own.
// Leaner than a general client, so that two cores measure the server and not the load.
import { connect, type Socket } from 'node:net'

interface Order {
  readonly host: string
  readonly port: number
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  /** JSON with `@ID@` where each request's own UUIDv7 goes. */
  readonly body: string
  readonly connections: number
  readonly durationMs: number
}

export interface LoadResult {
  readonly requests: number
  readonly failures: number
  readonly seconds: number
  readonly latencyMs: { readonly p50: number; readonly p99: number }
}

let counter = 0

/** UUIDv7 (RFC 9562 §5.7): time, then a counter, so that ids are unique and in order. */
function nextId(): string {
  counter += 1
  const time = Date.now().toString(16).padStart(12, '0')
  const low = counter.toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7${(counter & 0xfff).toString(16).padStart(3, '0')}-8000-${low}`
}

const order = JSON.parse(process.argv[2] ?? '{}') as Order
const latencies: number[] = []
let requests = 0
let failures = 0
let isOver = false

const [before = '', ...after] = order.body.split('@ID@')
const length = Buffer.byteLength(order.body) + after.length * (36 - 4)
const head = [
  `POST ${order.path} HTTP/1.1`,
  `Host: ${order.host}:${order.port}`,
  'Content-Type: application/json',
  `Content-Length: ${length}`,
  ...Object.entries(order.headers).map(([name, value]) => `${name}: ${value}`),
].join('\r\n')

function send(socket: Socket): number {
  const body = after.reduce((text, part) => text + nextId() + part, before)
  socket.write(`${head}\r\n\r\n${body}`)
  return performance.now()
}

/** Length of one whole answer at the start of the text, or undefined while it is incomplete. */
function answerLength(text: string): number | undefined {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const body = Number(/content-length: (\d+)/i.exec(text.slice(0, end))?.[1] ?? 0)
  return text.length >= end + 4 + body ? end + 4 + body : undefined
}

function open(): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(order.port, order.host)
    socket.setNoDelay(true)
    let pending = ''
    let sentAtMs = 0
    socket.on('connect', () => {
      sentAtMs = send(socket)
    })
    socket.on('data', (chunk) => {
      pending += chunk.toString('latin1')
      const size = answerLength(pending)
      if (size === undefined) return
      latencies.push(performance.now() - sentAtMs)
      requests += 1
      if (pending.charAt(9) !== '2') failures += 1
      pending = pending.slice(size)
      if (isOver) socket.destroy()
      else sentAtMs = send(socket)
    })
    socket.on('error', () => {
      failures += 1
    })
    socket.on('close', () => resolve())
  })
}

const startedAtMs = performance.now()
setTimeout(() => {
  isOver = true
}, order.durationMs)
await Promise.all(Array.from({ length: order.connections }, open))
const seconds = (performance.now() - startedAtMs) / 1000
latencies.sort((a, b) => a - b)
const at = (share: number) => latencies[Math.floor(latencies.length * share)] ?? 0
const result: LoadResult = { requests, failures, seconds, latencyMs: { p50: at(0.5), p99: at(0.99) } }
process.stdout.write(JSON.stringify(result))
