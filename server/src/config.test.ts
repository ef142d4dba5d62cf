import { expect, it } from 'vitest'
import { ConfigError, environmentSchema, readConfig } from './config.ts'

const SECRET = 'Jx3tq0Vb9mWc7RzK1nPf5sLdYh8uGe2a'

function faultsOf(env: Record<string, string>): readonly string[] {
  try {
    readConfig(env)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.faults
    throw error
  }
}

it('starts on nothing at all, with the defaults of the API page', () => {
  expect(readConfig({})).toEqual({
    PORT: 4400,
    HOST: '127.0.0.1',
    DATA_DIR: './data',
    SESSION_EXPIRY: 30 * 86_400_000,
    ENABLE_EVENT_TRACKING: true,
    EVENT_RETENTION_DAYS: 90,
    RECOGNITION_LINK_CONFIDENCE: 99,
    RECOGNITION_TOKEN_DAYS: 30,
    RECOGNISE_BOTS: false,
    TRUST_PROXY: [],
    LOG_LEVEL: 'info',
  })
})

it('takes an empty variable for an unset one, and leaves other variables alone', () => {
  expect(readConfig({ PORT: '', PUBLIC_URL: '', HOME: '/root' })).toEqual(readConfig({}))
})

it.each([
  ['PORT', '0', 0],
  ['PORT', '65535', 65_535],
  ['SESSION_EXPIRY', '12h', 12 * 3_600_000],
  ['ENABLE_EVENT_TRACKING', 'false', false],
  ['ENABLE_EVENT_TRACKING', '1', true],
  [
    'TRUST_PROXY',
    ' 10.0.0.0/8, loopback ,2001:db8::/32,192.0.2.7',
    ['10.0.0.0/8', 'loopback', '2001:db8::/32', '192.0.2.7'],
  ],
  ['PUBLIC_URL', 'https://ID.shop.example/', 'https://id.shop.example'],
  ['PUBLIC_URL', 'http://localhost:4400', 'http://localhost:4400'],
  ['DATABASE_URL', 'postgresql://u:p@db.example/shop', 'postgresql://u:p@db.example/shop'],
  ['DATABASE_URL', 'file:./shop.sqlite', 'file:./shop.sqlite'],
  ['DATABASE_URL', 'file:///srv/shop.sqlite', 'file:///srv/shop.sqlite'],
  ['SESSION_SECRET', SECRET, SECRET],
  ['FEATURES', 'sessions,events', ['sessions', 'events']],
])('reads %s=%j', (name, text, value) => {
  expect(readConfig({ [name]: text })).toMatchObject({ [name]: value })
})

it.each([
  ['PORT', 'http', 'is no whole number from 0 to 65535'],
  ['PORT', '65536', 'is no whole number from 0 to 65535'],
  ['PORT', '0x1130', 'is no whole number from 0 to 65535'],
  ['PORT', '-1', 'is no whole number from 0 to 65535'],
  ['HOST', 'all of them', 'is no address'],
  ['PUBLIC_URL', 'shop.example', 'is no http or https address'],
  ['PUBLIC_URL', 'ftp://shop.example', 'is no http or https address'],
  ['PUBLIC_URL', 'http://shop.example', 'https://'],
  ['PUBLIC_URL', 'https://shop.example/id', 'more than scheme, host and port'],
  ['PUBLIC_URL', 'https://user:pass@shop.example', 'more than scheme, host and port'],
  ['DATABASE_URL', 'mysql://db.example/shop', 'starts with postgres://'],
  ['DATABASE_URL', 'postgres://', 'starts with postgres://'],
  ['DATABASE_URL', './shop.sqlite', 'starts with postgres://'],
  ['DATABASE_URL', 'file://shop.sqlite', 'starts with postgres://'],
  ['DATABASE_URL', 'postgres://u:p@db.example:port/shop', 'no URL'],
  ['SESSION_SECRET', 'short', 'fewer than 32'],
  ['SESSION_SECRET', 'a'.repeat(40), 'looks like a default'],
  ['SESSION_SECRET', 'change-me-change-me-change-me-change-me', 'looks like a default'],
  ['SESSION_SECRET', 'my-very-long-session-secret-for-tests', 'looks like a default'],
  ['SESSION_SECRET', '0123456789abcdef0123456789abcdef', 'looks like a default'],
  ['SESSION_EXPIRY', 'soon', 'no duration'],
  ['SESSION_EXPIRY', '5s', 'no duration'],
  ['SESSION_EXPIRY', '-3d', 'no duration'],
  ['ENABLE_EVENT_TRACKING', 'yes', 'neither true nor false'],
  ['EVENT_RETENTION_DAYS', '0', 'is no whole number from 1 to 3650'],
  ['RECOGNITION_TOKEN_DAYS', '0', 'is no whole number from 1 to 90'],
  ['RECOGNITION_TOKEN_DAYS', '91', 'is no whole number from 1 to 90'],
  ['RECOGNITION_LINK_CONFIDENCE', '89', 'is no whole number from 90 to 100'],
  ['RECOGNITION_LINK_CONFIDENCE', '101', 'is no whole number from 90 to 100'],
  ['EVENT_RETENTION_DAYS', '1.5', 'is no whole number from 1 to 3650'],
  ['LOG_LEVEL', 'loud', 'is none of fatal'],
  // R49: `true` would believe whatever a client wrote.
  ['TRUST_PROXY', 'true', '"true" is no CIDR range'],
  ['TRUST_PROXY', '*', '"*" is no CIDR range'],
  ['TRUST_PROXY', '0.0.0.0/0', '"0.0.0.0/0" is no CIDR range'],
  ['TRUST_PROXY', '::/0', '"::/0" is no CIDR range'],
  ['TRUST_PROXY', '1', '"1" is no CIDR range'],
  // R51: parsers disagree on what these mean.
  ['TRUST_PROXY', '10.0.0.0/8,010.0.0.1', '"010.0.0.1" is no CIDR range'],
  ['TRUST_PROXY', '127.1', '"127.1" is no CIDR range'],
  ['TRUST_PROXY', '0x7f.1', '"0x7f.1" is no CIDR range'],
  ['TRUST_PROXY', '10.0.0.0/33', '"10.0.0.0/33" is no CIDR range'],
  ['TRUST_PROXY', '10.0.0.0/8/8', '"10.0.0.0/8/8" is no CIDR range'],
  ['TRUST_PROXY', 'fe80::1%eth0', '"fe80::1%eth0" is no CIDR range'],
])('refuses %s=%j with one clear line', (name, text, message) => {
  const faults = faultsOf({ [name]: text })
  expect(faults).toHaveLength(1)
  expect(faults[0]).toMatch(new RegExp(`^${name}: [^\\n]+$`))
  expect(faults[0]).toContain(message)
})

it('tells every fault at once, one line each', () => {
  const faults = faultsOf({ PORT: 'x', HOST: '0.0.0.0', TRUST_PROXY: 'true,*', LOG_LEVEL: 'loud' })
  expect(faults.map((line) => line.split(':', 1)[0])).toEqual([
    'PORT',
    'TRUST_PROXY',
    'TRUST_PROXY',
    'LOG_LEVEL',
    'PUBLIC_URL',
  ])
})

it.each(['0.0.0.0', '::', '192.0.2.1', 'shop.example'])(
  'R53 asks for PUBLIC_URL when it listens outside loopback: %s',
  (HOST) => {
    expect(faultsOf({ HOST })).toEqual([expect.stringContaining('PUBLIC_URL: is required')])
    expect(faultsOf({ HOST, PUBLIC_URL: 'https://id.shop.example' })).toEqual([])
  },
)

it.each(['127.0.0.1', '::1', 'localhost'])('asks for no PUBLIC_URL on loopback: %s', (HOST) => {
  expect(faultsOf({ HOST })).toEqual([])
})

it('W5 never repeats a secret or a password in a fault', () => {
  const lines = faultsOf({
    SESSION_SECRET: 'hunter2',
    DATABASE_URL: 'mysql://admin:correcthorse@db.example/shop',
    PUBLIC_URL: 'https://admin:correcthorse@shop.example',
  }).join('\n')
  expect(lines).toContain('SESSION_SECRET')
  expect(lines).not.toMatch(/hunter2|correcthorse/)
})

it('describes every variable', () => {
  for (const [name, schema] of Object.entries(environmentSchema.shape)) {
    expect(schema.description, name).toMatch(/\.$/)
  }
})
