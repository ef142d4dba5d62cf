import type { ConsentChoice, ConsentReport, EventInput } from '@helloagain/protocol'
import { isChoice } from './consent/consent.ts'
import type { CaptureErrorsOptions } from './errors/error-payload.ts'
import type { OriginRule } from './interceptors/origin-rule.ts'
import { resolveUrl } from './interceptors/resolve-url.ts'
import { within } from './platform/within.ts'
import type { DropReason } from './queue/drop-reason.ts'
import { SdkError } from './sdk-error.ts'

/** How the SDK behaves. Every option may be left out. */
export interface ClientOptions {
  /** Publishable key `pk_…` of the site. A secret key is refused. @default the server's site `default` */
  siteKey?: string
  /** Address of the Hello Again server, with a path where it is mounted below one. @default the page's own origin */
  endpoint?: string
  /** Key in `localStorage` of the session id; the SDK's other keys begin with it. @default 'helloagain_session_id' */
  storageKey?: string
  /**
   * Key in `sessionStorage` under which the tab remembers how the person was recognised (method and yes or no).
   * What a person told the site is never kept in the browser: on a shared computer the next one would find it.
   *
   * @default 'helloagain_user_data'
   */
  userDataKey?: string
  /** Days without a visit after which the browser forgets the identity, 1–400. @default 30 */
  expiryDays?: number
  /** Whether visits prolong the identity, and an open page renews its session after 30 minutes. @default true */
  autoRefresh?: boolean
  /** The site's own access token, read at each request; it goes to {@link ClientOptions.tokenOrigins} only. @default none */
  getToken?(): string | null | undefined
  /** Last word on each event: return it, a changed copy, or null to drop it. @default sent as it is */
  redact?(event: EventInput): EventInput | null | undefined
  /** What the person said on this site so far. @default 'unset': the site's own rule, which the server tells */
  consent?: ConsentChoice | ConsentReport
  /**
   * Milliseconds the fingerprint probes may take together, 0–5000; what is there by then is used, and the next page tries
   * once more.
   *
   * @default 300
   */
  timeBoundMs?: number
  /** Whether the browser is observed where consent allows. @default true */
  fingerprint?: boolean
  /** Where requests of the page carry `X-Session-ID` (and the fingerprint while there is no token). @default the page's origin and the endpoint's */
  sessionTargets?: readonly OriginRule[]
  /** API origins, such as `https://api.shop.example`, that get the bearer token. @default none */
  tokenOrigins?: readonly string[]
  /** Requests of the page that are never touched, for example `['/downloads']`. @default none */
  exclude?: readonly OriginRule[]
  /** Whether the page's `fetch` and `XMLHttpRequest` are wrapped to carry the headers. @default true */
  interceptRequests?: boolean
  /** Whether page views are tracked by themselves. @default true */
  autoPageViews?: boolean
  /** Whether `data-ha-form` and `data-ha-welcome` in the page are honoured. @default true */
  forms?: boolean
  /** Whether uncaught errors are tracked, as by `captureErrors()`. @default false */
  captureErrors?: boolean | CaptureErrorsOptions
  /** Milliseconds the first event of a batch waits for others, 0–60000. @default 1000 */
  flushIntervalMs?: number
  /** Events that make a batch leave at once, 1–500. @default 50 */
  batchSize?: number
  /**
   * Whether errors are also written to the console, and a small panel in the page says why this browser was recognised or
   * not. For developers: everybody who sees the page sees the panel. @default false
   */
  debug?: boolean
  /** Told of everything that goes wrong; nothing is ever thrown into the page. @default nobody */
  onError?(error: SdkError): void
  /** Told of events that will not be delivered. @default nobody */
  onDrop?(reason: DropReason, events: readonly EventInput[], detail?: string): void
  /** Sends the SDK's own requests. @default the page's `fetch` below every wrapper of ours */
  fetch?: typeof fetch
}

/** Numbers as they were given: the later part that needs one fills it in, and looks whether it is in range. */
type LateNumbers = Pick<ClientOptions, 'batchSize' | 'flushIntervalMs' | 'timeBoundMs'>

/** Options with everything filled in that the core needs. */
export interface Settings
  extends Required<
      Omit<
        ClientOptions,
        | 'batchSize'
        | 'captureErrors'
        | 'consent'
        | 'debug'
        | 'fetch'
        | 'flushIntervalMs'
        | 'getToken'
        | 'onDrop'
        | 'onError'
        | 'redact'
        | 'siteKey'
        | 'timeBoundMs'
      >
    >,
    Pick<ClientOptions, 'captureErrors' | 'debug' | 'fetch' | 'getToken' | 'onDrop' | 'redact' | 'siteKey'>,
    LateNumbers {
  consent: ConsentReport
}

/** What a banner or an attribute says; words nobody knows count as nothing said. */
export function toReport(consent: ConsentChoice | ConsentReport): ConsentReport {
  const report = typeof consent === 'string' ? { choice: consent } : consent
  return isChoice(report.choice) ? report : { choice: 'unset' }
}

/**
 * Fills in what was left out, and what is out of range.
 *
 * @throws SdkError 'config.secret_key' for a secret key, 'config.invalid' for an endpoint that is no address
 */
export function resolveOptions(options: ClientOptions, page: { origin: string; baseUri: string }): Settings {
  if (options.siteKey?.startsWith('sk_')) {
    throw new SdkError('config.secret_key', 'Revoke this key: it is public.')
  }
  const url = resolveUrl(options.endpoint ?? page.origin, page.baseUri)
  if (!url) throw new SdkError('config.invalid', `${options.endpoint}`)
  return {
    storageKey: 'helloagain_session_id',
    userDataKey: 'helloagain_user_data',
    autoRefresh: true,
    fingerprint: true,
    sessionTargets: [page.origin, url.origin],
    tokenOrigins: [],
    exclude: [],
    interceptRequests: true,
    autoPageViews: true,
    forms: true,
    ...options,
    endpoint: url.origin + url.pathname.replace(/\/+$/, ''),
    consent: toReport(options.consent ?? 'unset'),
    expiryDays: within(options.expiryDays, [1, 30, 400]),
  }
}
