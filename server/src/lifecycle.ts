import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Limits on slow clients, in milliseconds; the names are those of `node:http`. */
export interface Timeouts {
  readonly requestTimeout: number
  readonly headersTimeout: number
  readonly keepAliveTimeout: number
  readonly connectionsCheckingInterval: number
}

/** SECURITY.md W2: slow clients are cut off. */
const TIMEOUTS: Timeouts = {
  /** A whole request, body included: 1 MiB at 280 kbit/s. */
  requestTimeout: 30_000,
  headersTimeout: 10_000,
  /** Longer than the 60 s of common load balancers, which would else reuse a connection as it closes. */
  keepAliveTimeout: 65_000,
  /** How often the two above are looked at. */
  connectionsCheckingInterval: 2_000,
}
/** A client that neither sends nor reads for this long is gone. */
const SILENCE_LIMIT_MS = 60_000
/** Orchestrators kill after 30 s as a rule (Kubernetes, systemd: 90 s). */
const DRAIN_LIMIT_MS = 10_000
const SWEEP_EVERY_MS = 20

export interface Address {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
}

export interface Listening {
  /** For example `http://127.0.0.1:4400`. */
  readonly url: string
  /**
   * Stops accepting and resolves when every request that was taken has its answer; after ten seconds the
   * rest is cut off. Calling it again waits for the same end.
   */
  close(): Promise<void>
}

function start(server: Server, { host, port }: Address): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.removeListener('error', reject)
      const { port: taken } = server.address() as AddressInfo
      resolve(`http://${host.includes(':') ? `[${host}]` : host}:${taken}`)
    })
  })
}

function drain(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const cutOff = setTimeout(() => server.closeAllConnections(), DRAIN_LIMIT_MS)
    // Those whose answer was under way become idle one after the other.
    const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_EVERY_MS)
    server.close(() => {
      clearTimeout(cutOff)
      clearInterval(sweep)
      resolve()
    })
    server.closeIdleConnections()
  })
}

/**
 * Serves a handler over HTTP.
 *
 * @param timeouts for tests, which do not want to wait
 * @throws the system's error when the address cannot be had (`EADDRINUSE`, `EACCES`, …)
 */
export async function listen(
  handler: RequestListener,
  address: Address,
  timeouts: Timeouts = TIMEOUTS,
): Promise<Listening> {
  const server = createServer({ ...timeouts }, (request, response) => {
    // Keep-alive connections would hold the door open: the answer under way is their last.
    if (!server.listening) response.setHeader('Connection', 'close')
    handler(request, response)
  })
  server.setTimeout(SILENCE_LIMIT_MS)
  const url = await start(server, address)
  let closing: Promise<void> | undefined
  return {
    url,
    close() {
      closing ??= drain(server)
      return closing
    },
  }
}
