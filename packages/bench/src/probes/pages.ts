import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Observer } from './contenders.ts'

/** A site on loopback with a page for each observer, its script in the page. */
export interface Pages {
  urlOf(observer: Observer): string
  close(): void
}

export async function servePages(observers: readonly Observer[]): Promise<Pages> {
  const server = createServer(({ url = '' }, response) => {
    const script = observers[Number(url.slice(1))]?.script ?? ''
    response.setHeader('Content-Type', 'text/html; charset=utf-8')
    response.end(`<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><title>A page</title>
<h1>A page</h1><script>${script.replaceAll('</script', '<\\/script')}</script>`)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    urlOf: (observer) => `http://127.0.0.1:${port}/${observers.indexOf(observer)}`,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}
