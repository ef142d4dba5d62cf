import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { LATENCY_MS } from './collector.ts'

/** The site that visitors come to, and another one that they leave to. */
export interface Site {
  readonly url: string
  readonly elsewhereUrl: string
  /** Puts an SDK into every page of the site: its script tag, and its file where it is not one of ours. */
  carry(tag: string, script: string | undefined): void
  close(): void
}

const DIST = fileURLToPath(new URL('../../../browser/dist/', import.meta.url))

/** The script-tag build by path, as it is now: one built meanwhile would not fit its own parts. */
function readOurs(): ReadonlyMap<string, Buffer> {
  const names = readdirSync(DIST).filter((name) => /^helloagain.*\.js$/.test(name))
  return new Map(names.map((name) => [`/sdk/${name}`, readFileSync(DIST + name)]))
}

/** Our tag as the README shows it, and `track` as the bench calls it. */
export const ourTag = (collector: string, siteKey: string) =>
  `<script src="/sdk/helloagain.js" data-site-key="${siteKey}" data-endpoint="${collector}" data-consent="granted"
  data-auto-page-views="off"></script>
<script>
window.track = (marker) => HelloAgain.track('BENCH', { marker })
window.isKnown = () => localStorage.getItem('helloagain_session_id') !== null
</script>`

export const rivalTag = (collector: string) =>
  `<script src="/rival.js" data-collector="${collector}"></script>`

/** Serves the site on a free port, with the collector's latency, and scripts from the browser's cache once they were seen. */
export async function startSite(): Promise<Site> {
  const ours = readOurs()
  let carried: { tag: string; script: string | undefined } = { tag: '', script: undefined }
  const server = createServer(async ({ headers, url = '/' }, response) => {
    await sleep(LATENCY_MS)
    const script = url === '/rival.js' ? carried.script : ours.get(url)
    if (script !== undefined) {
      response.writeHead(200, { 'Content-Type': 'text/javascript', 'Cache-Control': 'max-age=3600' })
      return response.end(script)
    }
    const tag = headers.host?.startsWith('shop.') ? carried.tag : ''
    response.writeHead(200, { 'Content-Type': 'text/html' })
    return response.end(`<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><title>A page</title>
${tag}<h1>A page</h1>`)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://shop.localhost:${port}`,
    elsewhereUrl: `http://elsewhere.localhost:${port}`,
    carry(tag, script) {
      carried = { tag, script }
    },
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}
