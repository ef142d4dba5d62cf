import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface PageServer {
  readonly url: string
  close(): void
}

const page = (head: string) => `<!doctype html><meta charset="utf-8"><title>bench</title>
<script>
  window.longTasks = []
  new PerformanceObserver((list) => { for (const task of list.getEntries()) window.longTasks.push(task.duration) })
    .observe({ type: 'longtask', buffered: true })
</script>
${head}
<h1>A page</h1>
<script>
  const startedAt = performance.now()
  window.first = fetch('/own-request').then(() => performance.now() - startedAt)
</script>`

/** A page with the SDK and the same page without it; its own first request goes out at once on both. */
export async function servePages(endpoint: string): Promise<PageServer> {
  const tag = `<script src="${endpoint}/sdk/v1/helloagain.js" data-site-key="" data-endpoint="${endpoint}" data-consent="granted"></script>`
  const bodies: Readonly<Record<string, string>> = {
    '/with': page(tag),
    '/without': page(''),
  }
  const server = createServer((request, response) => {
    const body = bodies[request.url ?? '']
    response.setHeader('Content-Type', body ? 'text/html' : 'application/json')
    response.end(body ?? '{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
