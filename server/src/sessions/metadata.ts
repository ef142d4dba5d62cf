import type { SessionMetadata } from '@helloagain/protocol'
import parseUserAgent from 'my-ua-parser'
import type { Touch } from './tables.ts'

// The parser's expressions are many; what is longer than any real user agent is not read.
const MAX_USER_AGENT_LENGTH = 1024
const UTM_NAMES = ['source', 'medium', 'campaign', 'term', 'content', 'id'] as const
const MAX_TEXT = 256

/** What a session keeps of the page's own description: families and hosts, nothing that tells a person apart. */
export interface Described {
  readonly metadata: Record<string, unknown>
  readonly touch: Omit<Touch, 'at'>
}

export interface Arrival {
  readonly metadata: SessionMetadata | undefined
  /** The header, for pages that do not say. */
  readonly userAgent: string | undefined
  readonly origin: string | undefined
  /** /24 or /48; left out where nothing about the network is kept. */
  readonly network?: string
}

function parseUrl(text: string | undefined, base?: string): URL | undefined {
  if (text === undefined) return undefined
  return URL.canParse(text, base) ? new URL(text, base) : undefined
}

/** Long random parts (reset links, share links) and addresses are masked: whoever holds such a path may act by it. */
const maskPart = (part: string) =>
  /@|%40/.test(part) || (part.length >= 20 && /\d/.test(part) && /^[\w.~=-]+$/.test(part)) ? ':masked' : part

function pageOf(url: URL | undefined): string | undefined {
  return url?.pathname.split('/').map(maskPart).join('/').slice(0, MAX_TEXT)
}

function utmOf(
  sent: Readonly<Record<string, string>> | undefined,
  page: URL | undefined,
): Record<string, string> {
  const utm: Record<string, string> = {}
  for (const name of UTM_NAMES) {
    const value = sent?.[name] ?? sent?.[`utm_${name}`] ?? page?.searchParams.get(`utm_${name}`)
    if (value) utm[name] = value.slice(0, MAX_TEXT)
  }
  return utm
}

function screenClass(screen: SessionMetadata['screen']): string | undefined {
  if (!screen) return undefined
  const longSide = Math.max(screen.width, screen.height)
  if (longSide <= 1000) return 'small'
  if (longSide <= 1440) return 'medium'
  return longSide <= 2000 ? 'large' : 'extra_large'
}

function families(userAgent: string | undefined) {
  const agent = userAgent?.slice(0, MAX_USER_AGENT_LENGTH)
  if (!agent) return {}
  const { browser, os, device } = parseUserAgent(agent)
  return {
    browser: browser.name,
    browserMajor: browser.version?.split('.', 1)[0],
    os: os.name,
    // The parser names a kind for hand-held and other devices only.
    device: device.type ?? (os.name === undefined ? undefined : 'desktop'),
  }
}

const primaryLanguage = (tag: string | undefined) =>
  /^[A-Za-z]{2,3}(?=$|[-_,;])/.exec(tag ?? '')?.[0].toLowerCase()

const timezoneOf = (name: string | undefined) =>
  name !== undefined && /^[A-Za-z0-9_+/-]{1,64}$/.test(name) ? name : undefined

const withoutGaps = (record: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined))

/** Parses what a page says about itself into families; a claimed `ip` and whatever else it says is not read. */
export function describe({ metadata = {}, userAgent, origin, network }: Arrival): Described {
  const page = parseUrl(metadata.page, origin ?? 'http://page.invalid')
  const referrer = parseUrl(metadata.referrer)?.hostname
  const isOwn = referrer === parseUrl(origin)?.hostname || referrer === page?.hostname
  const utm = utmOf(metadata.utm, page)
  const touch = withoutGaps({
    referrer: referrer && !isOwn ? referrer : undefined,
    utm: Object.keys(utm).length > 0 ? utm : undefined,
    page: pageOf(page),
  })
  return {
    touch,
    metadata: withoutGaps({
      ...families(metadata.userAgent ?? userAgent),
      ...touch,
      language: primaryLanguage(metadata.language),
      timezone: timezoneOf(metadata.timezone),
      screen: screenClass(metadata.screen),
      network,
    }),
  }
}
