import { createServer, type IncomingMessage } from 'node:http'
import { fileURLToPath } from 'node:url'
import { test as base, expect, type Page } from '@playwright/test'
import { build } from 'esbuild'

const source = (path: string) => fileURLToPath(new URL(`../../packages/${path}`, import.meta.url))

/** One script of the SDK, bundled from the sources, so that no stale build is judged. */
export async function bundleScript(entry: string, globalName: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [source(`browser/src/${entry}`)],
    alias: {
      '@helloagain/protocol': source('protocol/src/index.ts'),
      '@helloagain/recognition': source('recognition/src/index.ts'),
    },
    bundle: true,
    minify: true,
    format: 'iife',
    globalName,
    platform: 'browser',
    target: 'es2020',
    write: false,
  })
  return outputFiles[0]?.text ?? ''
}

export interface Site {
  origin: string
  /** What was asked of the site, oldest first. */
  requests: { method: string; path: string; headers: IncomingMessage['headers']; body: string }[]
  /** Bodies by path; a path that is not here is 404. */
  answers: Map<string, { type: string; body: string; status?: number }>
  close(): Promise<void>
}

/** A web site on a free port of loopback that answers what the test says and remembers what it was asked. */
export async function openSite(): Promise<Site> {
  const requests: Site['requests'] = []
  const answers: Site['answers'] = new Map()
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const path = new URL(request.url ?? '/', 'http://site').pathname
    const body = Buffer.concat(chunks).toString()
    requests.push({ method: request.method ?? '', path, headers: request.headers, body })
    const answer = answers.get(path)
    response.writeHead(answer ? (answer.status ?? 200) : 404, {
      'content-type': answer?.type ?? 'text/plain',
    })
    response.end(answer?.body ?? '')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The site has no port.')
  return {
    origin: `http://127.0.0.1:${address.port}`,
    requests,
    answers,
    close: () => new Promise((resolve) => void server.close(() => resolve())),
  }
}

const HTML = '<!doctype html><meta charset="utf-8"><title>Shop</title>'

/** Puts a page at `/` of the site. */
export function serveHtml(site: Site, body: string): void {
  site.answers.set('/', { type: 'text/html', body: HTML + body })
}

/** Every address the page asks for while the work runs, by any means the browser reports. */
export async function addressesAskedDuring(page: Page, work: () => Promise<unknown>): Promise<string[]> {
  const asked: string[] = []
  const note = (request: { url(): string }) => void asked.push(request.url())
  page.context().on('request', note)
  await work()
  page.context().off('request', note)
  return asked
}

/** Tests with a site of their own. */
export const test = base.extend<{ site: Site }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures a function needs from this pattern.
  site: async ({}, use) => {
    const site = await openSite()
    serveHtml(site, '')
    await use(site)
    await site.close()
  },
})

export { expect }
