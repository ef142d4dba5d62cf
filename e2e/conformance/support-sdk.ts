import { readFileSync } from 'node:fs'
import type { Client } from '../../packages/browser/src/index.ts'
import { type Site, serveHtml } from './support-fingerprint.ts'

// The script-tag build on a site that answers as the protocol says.
const DIST = new URL('../../packages/browser/dist/', import.meta.url)
export const SESSION_ID = '0192f1c2-7b3a-7c4d-8e5f-a1b2c3d4e5f6'

/** What the server says from now on; by default to somebody new, on a site that recognises. */
export function answerSessions(site: Site, changes: Record<string, unknown> = {}): void {
  const session = { sessionId: SESSION_ID, userId: null, userData: null, lastSeen: null, metadata: {} }
  const body = {
    ...{ success: true, restricted: false, session },
    recognition: { method: 'new_user', isReturning: false },
    consent: { mode: 'recognition' },
    site: { fingerprintSalt: 'salt', unsetMode: 'recognition', sessionTtlSeconds: 2_592_000 },
    ...changes,
  }
  site.answers.set('/api/sessions', { type: 'application/json', body: JSON.stringify(body) })
  const taken = '{"success":true,"accepted":1,"duplicates":0,"rejected":[]}'
  site.answers.set('/api/events', { type: 'application/json', body: taken })
}

/** A page with our tag, under a policy that forbids inline styles, and the parts of the build. */
export function serveSdk(site: Site, attributes: string): void {
  const { files } = JSON.parse(readFileSync(new URL('manifest.json', DIST), 'utf8')) as {
    files: { name: string; file: string }[]
  }
  for (const path of files.flatMap(({ name, file }) => [name, file])) {
    const body = readFileSync(new URL(path, DIST), 'utf8')
    site.answers.set(`/sdk/${path}`, { type: 'text/javascript', body })
  }
  serveHtml(
    site,
    `<meta http-equiv="Content-Security-Policy" content="default-src 'self'; img-src data:">
<link rel="icon" href="data:,"><script src="/sdk/helloagain.js" data-site-key="pk_test" ${attributes}></script>`,
  )
}

/** Names of the later parts the page asked for, oldest first. */
export const partsAsked = ({ requests }: Site): string[] =>
  requests.flatMap(({ path }) => /helloagain-(\w+)\./.exec(path)?.[1] ?? [])

/** Bodies of the calls that opened a session, oldest first. */
export const openings = ({ requests }: Site): Opened[] =>
  requests
    .filter(({ method, path }) => method === 'POST' && path === '/api/sessions')
    .map(({ body }) => JSON.parse(body) as Opened)

/** What the script tag puts on the window of a page, for what is run in the page. */
export interface SdkWindow {
  HelloAgain: Client
}

export interface Opened {
  consent: Record<string, unknown>
  fingerprint?: { hash: string; signals: Record<string, unknown>; unstable?: string[] }
}
