// A load client in a process of its own: raw keep-alive sockets, one request in flight each, every body its own.
// Leaner than a general client, so that two cores measure the server and not the load.
import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import type { LoadOrder, LoadResult } from './run-load.ts'

let counter = 0

/** UUIDv7 (RFC 9562 §5.7): time, then a counter, so that ids are unique and in order. */
function nextId(): string {
  counter += 1
  const time = Date.now().toString(16).padStart(12, '0')
  const low = counter.toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7${(counter & 0xfff).toString(16).padStart(3, '0')}-8000-${low}`
}

const order = JSON.parse(await text(process.stdin)) as LoadOrder
const latencies: number[] = []
let requests = 0
let failures = 0
let isOver = false

interface Template {
  readonly head: string
  /** The body, cut where each request's own ids go. */
  readonly parts: readonly string[]
}

/** Connections take the callers in turn. */
const templates = order.callers.map(({ headers, body }): Template => {
  const parts = body.split('@ID@')
  const lines = [
    `POST ${order.path} HTTP/1.1`,
    `Host: ${order.host}:${order.port}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body) + (parts.length - 1) * (36 - 4)}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ]
  return { head: `${lines.join('\r\n')}\r\n\r\n`, parts }
})

function write(socket: Socket, { head, parts }: Template): void {
  let request = head + parts[0]
  for (let at = 1; at < parts.length; at += 1) request += nextId() + parts[at]
  socket.write(request)
}

/** Length of one whole answer at the start of the text, or undefined while it is incomplete. */
function answerLength(received: string): number | undefined {
  const end = received.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const body = Number(/content-length: (\d+)/i.exec(received.slice(0, end))?.[1] ?? 0)
  return received.length >= end + 4 + body ? end + 4 + body : undefined
}

// Open loop: requests are due at fixed times, whether or not earlier ones are answered, and their wait for a free
// connection counts (coordinated omission would hide it).
const due: number[] = []
const idle: (() => void)[] = []

function pace(perSecond: number): void {
  const startedAtMs = performance.now()
  let given = 0
  const timer = setInterval(() => {
    if (isOver) {
      clearInterval(timer)
      for (const wake of idle.splice(0)) wake()
      return
    }
    const owed = Math.floor(((performance.now() - startedAtMs) / 1000) * perSecond)
    for (; given < owed; given += 1) due.push(startedAtMs + (given * 1000) / perSecond)
    while (due.length > 0 && idle.length > 0) idle.pop()?.()
  }, 1)
}

function open(template: Template): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(order.port, order.host)
    socket.setNoDelay(true)
    let pending = ''
    let sentAtMs = 0
    function next(): void {
      if (isOver) {
        socket.destroy()
        return
      }
      const dueAtMs = order.perSecond === undefined ? performance.now() : due.shift()
      if (dueAtMs === undefined) {
        idle.push(next)
        return
      }
      sentAtMs = dueAtMs
      write(socket, template)
    }
    socket.on('connect', next)
    socket.on('data', (chunk) => {
      pending += chunk.toString('latin1')
      const size = answerLength(pending)
      if (size === undefined) return
      latencies.push(performance.now() - sentAtMs)
      requests += 1
      if (pending.charAt(9) !== '2') failures += 1
      pending = pending.slice(size)
      next()
    })
    socket.on('error', () => {
      failures += 1
    })
    socket.on('close', () => resolve())
  })
}

const startedAtMs = performance.now()
if (order.perSecond !== undefined) pace(order.perSecond)
setTimeout(() => {
  isOver = true
}, order.durationMs)
await Promise.all(
  Array.from({ length: order.connections }, (_, index) => {
    const template = templates[index % templates.length]
    if (!template) throw new Error('A load needs a caller.')
    return open(template)
  }),
)
const seconds = (performance.now() - startedAtMs) / 1000
latencies.sort((a, b) => a - b)
const at = (share: number) => latencies[Math.floor(latencies.length * share)] ?? 0
const result: LoadResult = { requests, failures, seconds, latencyMs: { p50: at(0.5), p99: at(0.99) } }
process.stdout.write(JSON.stringify(result))
