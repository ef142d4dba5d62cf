import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Observer } from '../probes/contenders.ts'

/** A web site with the SDK in its page and the server behind it, on one origin as the documents advise. */
export interface Site {
  readonly url: string
  /** Page of one of the rivals. */
  rivalUrl(index: number): string
  /** Address the visitors come from. */
  from: string
  close(): void
}

const page = (head: string) => `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">
<title>A page</title>${head}<h1>A page</h1>`

// With time enough for a busy machine: this judges what is observed, not how fast.
const TAG =
  '<script src="/sdk/v1/helloagain.js" data-site-key="" data-consent="granted" data-time-bound-ms="5000"></script>'

/** Hands a request on with the visitor's address, as a proxy does. */
function handOn(incoming: IncomingMessage, outgoing: ServerResponse, target: Target): void {
  const { method, url = '/', headers } = incoming
  const onward = request(
    new URL(url, target.serverUrl),
    { method, headers: { ...headers, 'x-forwarded-for': target.from } },
    (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    },
  )
  onward.on('error', () => outgoing.destroy())
  incoming.pipe(onward)
}

interface Target {
  readonly serverUrl: string
  readonly from: string
}

export async function openSite(serverUrl: string, rivals: readonly Observer[]): Promise<Site> {
  const server = createServer((incoming, outgoing) => {
    const { url = '/' } = incoming
    if (/^\/(api|sdk)\//.test(url)) return handOn(incoming, outgoing, { serverUrl, from: site.from })
    const rival = rivals[Number(/^\/rival\/(\d+)$/.exec(url)?.[1] ?? Number.NaN)]
    const script = rival && `<script>${rival.script.replaceAll('</script', '<\\/script')}</script>`
    outgoing.setHeader('Content-Type', 'text/html; charset=utf-8')
    outgoing.end(page(script ?? TAG))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const site: Site = {
    url,
    rivalUrl: (index) => `${url}/rival/${index}`,
    from: '203.0.113.7',
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
  return site
}
