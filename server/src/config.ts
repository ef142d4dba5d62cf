import ms from 'ms'
import { z } from 'zod'

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

const flag = z.enum(['true', 'false', '1', '0']).transform((text) => text === 'true' || text === '1')
const list = z.string().transform((text) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean),
)

/** Every environment variable, with its unit. `docs/configuration.md` is made from these descriptions. */
export const environmentSchema = z.object({
  PORT: z.coerce.number().int().min(0).max(65_535).default(4400).describe('TCP port; 0 takes a free one.'),
  HOST: z
    .string()
    .default('127.0.0.1')
    .describe('Address to listen on. Outside loopback PUBLIC_URL is required.'),
  DATA_DIR: z.string().default('./data').describe('Folder of the SQLite file and of the generated secret.'),
  PUBLIC_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Where browsers reach this server. Decides about secure cookies and same-origin calls.'),
  DATABASE_URL: z
    .string()
    .regex(/^(?:postgres(?:ql)?:\/\/|file:)/, 'starts with postgres://, postgresql:// or file:')
    .optional()
    .describe('Unset: SQLite in DATA_DIR.'),
  SESSION_SECRET: z
    .string()
    .min(32, 'has fewer than 32 characters; make one with: openssl rand -base64 32')
    .refine((secret) => new Set(secret).size >= 10 && !/secret|change|example/i.test(secret), {
      message: 'looks like a default; make one with: openssl rand -base64 32',
    })
    .optional()
    .describe('Key of cookies, tokens and seals. Unset: made at the first start in DATA_DIR, mode 0600.'),
  SESSION_EXPIRY: duration.default(ms('30d')).describe('How long a session lives without activity.'),
  ENABLE_EVENT_TRACKING: flag
    .default(true)
    .describe('false: POST /api/events answers 202 and stores nothing.'),
  EVENT_RETENTION_DAYS: z.coerce
    .number()
    .int()
    .min(1)
    .max(3650)
    .default(90)
    .describe('Days events are kept.'),
  TRUST_PROXY: list
    .default([])
    .refine((ranges) => !ranges.includes('true') && !ranges.includes('*'), {
      message:
        'takes CIDR ranges or loopback, linklocal, uniquelocal; trusting everybody lets clients forge addresses',
    })
    .describe('Comma-separated CIDR ranges of your proxies.'),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent'])
    .default('info')
    .describe('pino level.'),
  FEATURES: list.optional().describe('Comma-separated rooms to serve. Unset: all.'),
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

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost'])

/** @throws ConfigError with one clear line a fault */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  // An empty variable is an unset one: `PUBLIC_URL= helloagain serve`.
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
  const parsed = environmentSchema.safeParse(given)
  if (!parsed.success) {
    throw new ConfigError(parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`))
  }
  const { HOST, PUBLIC_URL } = parsed.data
  if (!LOOPBACK.has(HOST) && PUBLIC_URL === undefined) {
    throw new ConfigError([
      `PUBLIC_URL: is required when HOST is ${HOST}; set it to the address browsers use`,
    ])
  }
  return Object.freeze(parsed.data)
}
