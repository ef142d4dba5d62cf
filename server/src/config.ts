import { isIP } from 'node:net'
import ms from 'ms'
import { z } from 'zod'
import { FEATURES } from './gateway/features.ts'

const duration = z
  .string()
  .transform((text, context) => {
    const value = ms(text as ms.StringValue)
    if (typeof value === 'number' && value >= 60_000) return value
    context.addIssue({
      code: 'custom',
      message: `"${text}" is no duration of a minute or more, such as 30d or 12h`,
    })
    return z.NEVER
  })
  .pipe(z.number())

const flag = z
  .enum(['true', 'false', '1', '0'], 'is neither true nor false')
  .transform((text) => text === 'true' || text === '1')

const list = z.string().transform((text) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean),
)

const wholeNumber = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, `is no whole number from ${least} to ${most}`)
    .transform(Number)
    .refine((value) => value >= least && value <= most, `is no whole number from ${least} to ${most}`)

/** Names proxy-addr knows. */
const NAMED_RANGES = new Set(['loopback', 'linklocal', 'uniquelocal'])

/**
 * Whether a range can be trusted to name proxies. Strict on purpose: parsers read `010.0.0.1` as 8.0.0.1
 * (SECURITY.md R51), and a range of everybody lets clients forge addresses (R49).
 */
function isProxyRange(range: string): boolean {
  if (NAMED_RANGES.has(range)) return true
  const [address = '', bits, ...rest] = range.split('/')
  const version = address.includes('%') ? 0 : isIP(address)
  if (version === 0 || rest.length > 0) return false
  return bits === undefined || (/^[1-9]\d{0,2}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128))
}

const proxyRanges = list.superRefine((ranges, context) => {
  for (const range of ranges.filter((entry) => !isProxyRange(entry))) {
    context.addIssue({
      code: 'custom',
      message: `"${range}" is no CIDR range such as 10.0.0.0/8, nor loopback, linklocal or uniquelocal; trusting everybody lets clients forge addresses`,
    })
  }
})

const LOOPBACK = new Set(['127.0.0.1', '::1', '[::1]', 'localhost'])

const publicUrl = z
  .url({
    protocol: /^https?$/,
    error: 'is no http or https address such as https://id.shop.example',
    abort: true,
  })
  .superRefine((text, context) => {
    const refuse = (message: string) => context.addIssue({ code: 'custom', message })
    const { protocol, hostname, pathname, search, hash, username, password } = new URL(text)
    if (pathname !== '/' || search || hash || username || password) {
      refuse('has more than scheme, host and port; the server answers at the root of its host')
    }
    // Secure cookies and device keys need it.
    if (protocol === 'http:' && !LOOPBACK.has(hostname)) refuse('must start with https:// outside loopback')
  })
  .transform((text) => new URL(text).origin)

/** Of documentation, samples and keyboards. */
const KNOWN_SECRET = /secret|change|example|password|helloagain|123456|abcdef/i

/** Every environment variable, with its unit. `docs/configuration.md` is made from these descriptions. */
export const environmentSchema = z.object({
  PORT: wholeNumber(0, 65_535).default(4400).describe('TCP port; 0 takes a free one.'),
  HOST: z
    .string()
    .regex(/^[A-Za-z0-9:._-]{1,253}$/, 'is no address or host name to listen on')
    .default('127.0.0.1')
    .describe('Address to listen on. Outside loopback PUBLIC_URL is required.'),
  DATA_DIR: z
    .string()
    .default('./data')
    .describe('Folder of the SQLite file and of the generated secret; made when it is missing.'),
  PUBLIC_URL: publicUrl
    .optional()
    .describe('Where browsers reach this server. Decides about secure cookies and same-origin calls.'),
  DATABASE_URL: z
    .string()
    .regex(/^(?:postgres(?:ql)?:\/\/.|file:(?!\/\/[^/]).)/, {
      error: 'starts with postgres://, postgresql:// or file:, such as file:./data/shop.sqlite',
      abort: true,
    })
    .refine((url) => url.startsWith('file:') || URL.canParse(url), 'is no URL that can be read')
    .optional()
    .describe('Unset: SQLite, helloagain.sqlite in DATA_DIR.'),
  SESSION_SECRET: z
    .string()
    .min(32, {
      error: 'has fewer than 32 characters; make one with: openssl rand -base64 32',
      abort: true,
    })
    .refine((secret) => new Set(secret).size >= 10 && !KNOWN_SECRET.test(secret), {
      error: 'looks like a default; make one with: openssl rand -base64 32',
    })
    .optional()
    .describe('Key of cookies, tokens and seals. Unset: made at the first start in DATA_DIR, mode 0600.'),
  SESSION_EXPIRY: duration
    .default(ms('30d'))
    .describe('How long a session lives without activity, such as 30d or 12h. Default 30d.'),
  ENABLE_EVENT_TRACKING: flag
    .default(true)
    .describe('false: POST /api/events answers 202 and stores nothing.'),
  EVENT_RETENTION_DAYS: wholeNumber(1, 3650)
    .default(90)
    .describe(
      'How many days events are kept after they happened: older ones are refused, and deleted within a day. Counts and visits stay.',
    ),
  RECOGNITION_TOKEN_DAYS: wholeNumber(1, 90)
    .default(30)
    .describe(
      'How many days signals, fingerprints and device ids are remembered after they were last seen, as tokens. At most 90.',
    ),
  RECOGNITION_LINK_CONFIDENCE: wholeNumber(90, 100)
    .default(99)
    .describe(
      'Probability in percent from which a fingerprint links a new visitor to a known one, if it fits nobody else.',
    ),
  TRUST_PROXY: proxyRanges
    .default([])
    .describe('Comma-separated CIDR ranges of your proxies, or loopback, linklocal, uniquelocal.'),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent'], {
      error: 'is none of fatal, error, warn, info, debug, silent',
    })
    .default('info')
    .describe('Least level of log lines that are written, to standard error as JSON.'),
  DATACENTER_PREFIXES: z
    .string()
    .optional()
    .describe(
      'File of CIDR ranges, one a line or the first column of a CSV: visitors from there are flagged as programs. Unset: none.',
    ),
  RECOGNISE_BOTS: flag
    .default(false)
    .describe(
      'true: whoever is flagged as a program is recognised by fingerprint like a person, for tests that drive a browser.',
    ),
  FEATURES: list
    .pipe(z.array(z.enum(FEATURES, { message: `knows ${FEATURES.join(', ')}` })))
    .optional()
    .describe(`Comma-separated features to serve, of ${FEATURES.join(', ')}. Unset: all.`),
})

export type Config = Readonly<z.output<typeof environmentSchema>>

export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  /** One line a fault. */
  readonly faults: readonly string[]

  constructor(faults: readonly string[]) {
    super(faults.join('\n'))
    this.faults = faults
  }
}

/** @throws ConfigError with one clear line a fault */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  // An empty variable is an unset one: `PUBLIC_URL= helloagain serve`.
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
  const parsed = environmentSchema.safeParse(given)
  const faults = (parsed.error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`)
  const host = faults.some((line) => line.startsWith('HOST:')) ? undefined : given['HOST']
  if (host !== undefined && !LOOPBACK.has(host) && given['PUBLIC_URL'] === undefined) {
    faults.push(`PUBLIC_URL: is required when HOST is ${host}; set it to the address browsers use`)
  }
  if (!parsed.success || faults.length > 0) throw new ConfigError([...new Set(faults)])
  return Object.freeze(parsed.data)
}
