import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import express, { type RequestHandler } from 'express'

export interface StorefrontOptions {
  /** 0 takes a free one. */
  readonly port: number
  /** Where the browser reaches the Hello Again server. */
  readonly serverUrl: string
  /** Publishable key of the shop's site. */
  readonly siteKey: string
}

export interface Storefront {
  readonly url: string
  close(): Promise<void>
}

const dist = fileURLToPath(new URL('dist', import.meta.url))
const PAGES = { '/': 'index', '/quiz': 'quiz', '/signup': 'signup', '/chat': 'chat', '/account': 'account' }

/** A strict policy: the shop shows that the SDK needs no eval and no inline script or style. */
const policy = (serverUrl: string, nonce: string) =>
  [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}' ${serverUrl}`,
    `connect-src 'self' ${serverUrl}`,
    "img-src 'self' data:",
    "style-src 'self'",
    "base-uri 'none'",
    "object-src 'none'",
  ].join('; ')

/** `localhost` is another site than 127.0.0.1, where the server's cookie lives: people who type it are led over. */
const leadToOwnHost: RequestHandler = (request, response, next) => {
  const { host = '' } = request.headers
  if (host.startsWith('localhost:')) {
    response.redirect(307, `http://${host.replace('localhost', '127.0.0.1')}${request.originalUrl}`)
  } else next()
}

/** Serves the built shop, with the address of the Hello Again server written into its pages. */
export async function startStorefront({ port, serverUrl, siteKey }: StorefrontOptions): Promise<Storefront> {
  const app = express().disable('x-powered-by').use(leadToOwnHost)
  for (const [path, name] of Object.entries(PAGES)) {
    const html = await readFile(`${dist}/${name}.html`, 'utf8')
    app.get(path, (_request, response) => {
      const nonce = randomBytes(16).toString('base64')
      const page = html
        .replaceAll('%HELLOAGAIN_ENDPOINT%', serverUrl)
        .replaceAll('%HELLOAGAIN_SITE_KEY%', siteKey)
        .replaceAll('%NONCE%', nonce)
      response.set('Content-Security-Policy', policy(serverUrl, nonce)).type('html').send(page)
    })
  }
  app.use(express.static(dist, { index: false }))
  const server = app.listen(port, '127.0.0.1')
  await new Promise<void>((resolve, reject) => {
    server.once('listening', () => resolve())
    server.once('error', reject)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
