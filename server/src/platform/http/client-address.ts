import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import ipaddr from 'ipaddr.js'
import proxyAddr from 'proxy-addr'

export interface ClientAddress {
  /** What limits count by: the IPv4 address, or the /64 of an IPv6 one. Never stored or logged as it is. */
  readonly limitKey: string
  /** What may be stored: /24 or /48. */
  readonly prefix: string
  readonly isLoopback: boolean
}

const UNKNOWN: ClientAddress = { limitKey: 'unknown', prefix: 'unknown', isLoopback: false }

const cut = (parts: readonly number[], kept: number) =>
  parts
    .slice(0, kept)
    .map((part) => part.toString(16))
    .join(':')

/** Canonical form of an address. What cannot be read shares one strict bucket (SECURITY.md R50). */
export function parseClientAddress(text: string | undefined): ClientAddress {
  if (text === undefined || !ipaddr.isValid(text)) return UNKNOWN
  const address = ipaddr.process(text)
  const isLoopback = address.range() === 'loopback'
  if (address instanceof ipaddr.IPv6) {
    return { limitKey: `${cut(address.parts, 4)}::/64`, prefix: `${cut(address.parts, 3)}::/48`, isLoopback }
  }
  const [a, b, c] = address.octets
  return { limitKey: address.toString(), prefix: `${a}.${b}.${c}.0/24`, isLoopback }
}

export type ReadClientAddress = (request: IncomingMessage) => ClientAddress

/** Without proxies the client is the peer, which stays the same as long as its connection. */
function createReadPeer(): ReadClientAddress {
  const known = new WeakMap<Socket, ClientAddress>()
  return ({ socket }) => {
    let address = known.get(socket)
    if (!address) {
      address = parseClientAddress(socket.remoteAddress)
      known.set(socket, address)
    }
    return address
  }
}

/**
 * Reads the address of the client behind the named proxies.
 *
 * @param trustedProxies CIDR ranges, or proxy-addr's `loopback`, `linklocal`, `uniquelocal`; empty trusts nobody
 */
export function createReadClientAddress(trustedProxies: readonly string[]): ReadClientAddress {
  if (trustedProxies.length === 0) return createReadPeer()
  const trust = proxyAddr.compile([...trustedProxies])
  return (request) => parseClientAddress(proxyAddr(request, trust))
}
