/** Why a visitor is held to be a program. The names are told by the API; docs/recognition.md explains each. */
export const BOT_REASONS = [
  'headless_browser',
  'webdriver',
  'crawler_user_agent',
  'datacenter_network',
  'impossible_signals',
] as const

export type BotReason = (typeof BOT_REASONS)[number]

/** What a request shows of whoever sent it. */
export interface BotClues {
  /** The header. */
  readonly userAgent: string | undefined
  /** The header `Sec-CH-UA`. */
  readonly brands: string | undefined
  /** `navigator.webdriver`. */
  readonly isDriven: boolean
  /** Pairs of signals that cannot both be true. */
  readonly contradictions: number
  readonly isFromDatacenter: boolean
}

/** No expression below is run on more; what is longer than any real user agent tells nothing. */
const MAX_LENGTH = 1024

/** Chrome's own names without a window; PhantomJS, which still crawls (phantomjs.org, unmaintained since 2018). */
const HEADLESS = /HeadlessChrome|PhantomJS|HeadlessShell/

/**
 * What programs call themselves. The first line is the custom of the trade: a name that ends in bot, crawler or spider
 * (RFC 9309 §2.2.1 has crawlers name themselves so); Cubot is a make of phones. The others name themselves otherwise, by
 * their operators' pages as of November 2026: developers.google.com/search/docs/crawling-indexing (Google's fetchers,
 * Mediapartners, Lighthouse), developers.facebook.com/docs/sharing/webmasters/web-crawlers, support.apple.com/119829,
 * help.yahoo.com (Slurp), duckduckgo.com/duckduckgo-help-pages, pingdom.com and uptimerobot.com help pages; and what
 * HTTP libraries send when nobody says otherwise.
 */
const CRAWLERS = [
  /(?<!\bcu)bot(?![a-z])|crawler|spider(?![a-z])/i,
  /Mediapartners-Google|Google-(?:InspectionTool|Read-Aloud|Extended|Safety)|GoogleOther|FeedFetcher|Chrome-Lighthouse/i,
  /facebookexternalhit|facebookcatalog|meta-external(?:agent|fetcher)|WhatsApp\/|Slurp|Bytespider|ia_archiver/i,
  /DuckAssist|ChatGPT-User|Claude-User|Perplexity-User|Pingdom|StatusCake|Site24x7|Slack-ImgProxy/i,
  /^(?:curl|Wget|python-requests|python-urllib|aiohttp|Go-http-client|Java|okhttp|axios|node-fetch|undici|node|libwww-perl|PostmanRuntime|HTTPie)(?:\/|$)/i,
  /Scrapy|HTTrack|Apache-HttpClient/i,
]

/** One contradiction is a rounding, a spoofing extension or a browser newer than our tables; two are made up. */
const MIN_CONTRADICTIONS = 2

/** What speaks for a program; empty for a person. Nobody is refused anything for it. */
export function findBotReasons(clues: BotClues): BotReason[] {
  const agent = clues.userAgent?.slice(0, MAX_LENGTH) ?? ''
  const brands = clues.brands?.slice(0, MAX_LENGTH) ?? ''
  const found: Readonly<Record<BotReason, boolean>> = {
    headless_browser: HEADLESS.test(agent) || HEADLESS.test(brands),
    // https://www.w3.org/TR/webdriver2/#interface
    webdriver: clues.isDriven,
    crawler_user_agent: CRAWLERS.some((pattern) => pattern.test(agent)),
    datacenter_network: clues.isFromDatacenter,
    impossible_signals: clues.contradictions >= MIN_CONTRADICTIONS,
  }
  return BOT_REASONS.filter((reason) => found[reason])
}
