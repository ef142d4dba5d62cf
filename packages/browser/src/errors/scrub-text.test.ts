import fc from 'fast-check'
import { expect, it } from 'vitest'
import { propertyRuns } from '../../../../tools/property-runs.ts'
import { scrubAddress } from './scrub-address.ts'
import { scrubText } from './scrub-text.ts'

it.each([
  [
    "Cannot read properties of undefined (reading 'email')",
    "Cannot read properties of undefined (reading 'email')",
  ],
  ['can\'t access property "name", user is undefined', 'can\'t access property "name", user is undefined'],
  ["undefined is not an object (evaluating 'a.b.c')", "undefined is not an object (evaluating 'a.b.c')"],
  [
    "Failed to execute 'appendChild' on 'Node': parameter 1 is not of type 'Node'.",
    "Failed to execute 'appendChild' on 'Node': parameter 1 is not of type '***'.",
  ],
  [
    "Failed to read the 'localStorage' property from 'Window': Access is denied",
    "Failed to read the 'localStorage' property from 'Window': Access is denied",
  ],
  ["Cannot access 'cart' before initialization", "Cannot access 'cart' before initialization"],
  ["Identifier 'cart' has already been declared", "Identifier 'cart' has already been declared"],
  ['loadUser is not a function', 'loadUser is not a function'],
  ['Script error.', 'Script error.'],
  ["We can't load the user's list, and don't know why", "We can't load the user's list, and don't know why"],
  ['Request failed with status code 404', 'Request failed with status code 404'],
  [
    'HTMLCanvasElement.getContext of XMLHttpRequestEventTarget failed',
    'HTMLCanvasElement.getContext of XMLHttpRequestEventTarget failed',
  ],
  [
    'MAX_CART_ITEMS_PER_CUSTOMER exceeded in createUserFromInvitationLink2',
    'MAX_CART_ITEMS_PER_CUSTOMER exceeded in createUserFromInvitationLink2',
  ],
  [
    'Failed to fetch dynamically imported module: https://shop.example/assets/index-BX3kd9aQ.js',
    'Failed to fetch dynamically imported module: https://shop.example/assets/index-BX3kd9aQ.js',
  ],
])('keeps what a developer needs: %s', (message, told) => expect(scrubText(message)).toBe(told))

it.each([
  [
    'Unexpected token \'j\', "john@x.com" is not valid JSON',
    "Unexpected token '***', '***' is not valid JSON",
  ],
  [
    'Unexpected token \'<\', "<!DOCTYPE "... is not valid JSON',
    "Unexpected token '<', '***'... is not valid JSON",
  ],
  ['No user "Ada Lovelace', "No user '***'"],
  ["user 'Ada Lovelace' and 'O'Brien' unknown", "user '***' and '***' unknown"],
  ['user “Ada”, «Ada», `Ada`', "user '***', '***', '***'"],
  ['mail to ada.lovelace+news@example.co.uk failed', 'mail to *** failed'],
  ['mail to ada%40example.org failed', 'mail to *** failed'],
  ['call +44 (0)20 7946-0958 now', 'call *** now'],
  ['card 4111 1111 1111 1111 refused', 'card *** refused'],
  ['iban DE89 3704 0044 0532 0130 00 or GB82WEST12345698765432', 'iban *** or ***'],
  ['from 192.0.2.17 and 2001:db8::8a2e:370:7334', 'from *** and ***'],
  ['GET /users?name=Ada%20Lovelace#top=1 failed', 'GET /users failed'],
  ['see https://ada:secret@shop.example/reset/9f8e7d6c5b4a?t=1#x.', 'see https://shop.example/reset/***'],
  ['password: hunter2, sessionId=abc', 'password: ***, sessionId= ***'],
  ['Authorization: Bearer abc.def', 'Authorization: Bearer ***'],
  ['key sk_live_4eC39HqLyjWDarjtT1zdp7dc used', 'key *** used'],
  ['id 0192f1c2-7b3a-7c4d-8e5f-a1b2c3d4e5f6 gone', 'id *** gone'],
  ['ENOENT /Users/ada/shop.db, C:\\Users\\ada\\x', 'ENOENT /Users/***/shop.db, C:\\Users\\***\\x'],
  ['image data:image/png;base64,iVBORw0KGgo= broken', 'image data:*** broken'],
])('takes out what names a person or lets one in: %s', (message, told) =>
  expect(scrubText(message)).toBe(told),
)

it('tells the text that a server takes: no NUL, no half of a surrogate pair', () => {
  expect(scrubText('a\u0000b \ud83d c \ue000 😀')).toBe('a b c 😀')
})

it('looks at the beginning of a document, and leaves nothing cut in half', () => {
  const told = scrubText(`${'word '.repeat(408)}ada@example.org`)
  expect(told).toMatch(/^(word ?){408}$/)
})

const letters = (alphabet: string, minLength: number, maxLength = minLength) =>
  fc.array(fc.constantFrom(...alphabet), { minLength, maxLength }).map((characters) => characters.join(''))
const LOWER = 'abcdefghijklmnopqrstuvwxyz'
const BASE64URL = `${LOWER}${LOWER.toUpperCase()}0123456789-_`
const digits = (minLength: number, maxLength?: number) => letters('0123456789', minLength, maxLength)

/** What must not leave, by its kind. */
const secrets = {
  mail: fc
    .tuple(
      letters(`${LOWER}0123456789._+'-`, 1, 20),
      letters(LOWER, 2, 12),
      fc.constantFrom('com', 'co.uk', 'example'),
    )
    .map(([name, host, top]) => `${name}@${host}.${top}`),
  card: digits(16).map((number) => number.replace(/(.{4})(?=.)/g, '$1 ')),
  phone: digits(10).map((number) => `+49 ${number.slice(0, 3)} ${number.slice(3)}`),
  iban: digits(18).map((number) => `DE${number}00`),
  jwt: fc
    .tuple(letters(BASE64URL, 20, 60), letters(BASE64URL, 43))
    .map(([claims, signature]) => `eyJhbGciOiJIUzI1NiJ9.${claims}.${signature}`),
  token: letters(BASE64URL, 43),
  hex: letters('0123456789abcdef', 32),
  uuid: fc.uuid(),
  ip: fc.ipV4(),
}
const anySecret = fc.oneof(...Object.values(secrets))
const words = fc.constantFrom(
  'Cannot load',
  'user',
  'is unknown',
  '(',
  ')',
  "can't",
  '—',
  '→',
  'at',
  ',',
  ':',
)

it('lets no mail address, number, key or id through, wherever it stands in a message', () => {
  const message = fc.tuple(fc.array(words), anySecret, fc.array(words)).map(([before, secret, after]) => ({
    secret,
    text: [...before, secret, ...after].join(' '),
  }))
  fc.assert(
    fc.property(message, ({ secret, text }) => {
      expect(scrubText(text)).not.toContain(secret)
    }),
    { numRuns: propertyRuns(2000) },
  )
})

it('lets no value in quotation marks through', () => {
  const value = letters(`${LOWER} '.@0`, 6, 40)
  const quoted = fc.tuple(value, fc.constantFrom('""', '``', '“”', '«»')).map(([text, [open, close]]) => ({
    value: text,
    text: `Field ${open}${text}${close} is wrong`,
  }))
  fc.assert(
    fc.property(quoted, ({ value: hidden, text }) => {
      expect(scrubText(text)).not.toContain(hidden)
    }),
    { numRuns: propertyRuns(500) },
  )
})

it('lets neither query, fragment, credentials nor a secret part of a path through', () => {
  const address = fc.record({
    secret: fc.oneof(secrets.mail, secrets.token, secrets.hex, secrets.uuid, digits(10, 16)),
    scheme: fc.constantFrom('https://shop.example', '//cdn.example', 'http://localhost:3000', ''),
    place: fc.constantFrom('query', 'fragment', 'credentials', 'path', 'matrix'),
  })
  const write = { query: '/a?q=', fragment: '/a#t=', credentials: '', path: '/reset/', matrix: '/a;id=' }
  const build = ({ secret, scheme, place }: { secret: string; scheme: string; place: keyof typeof write }) =>
    place === 'credentials' ? `https://me:${secret}@shop.example/a` : `${scheme}${write[place]}${secret}`
  fc.assert(
    fc.property(address, (made) => {
      const text = build(made as Parameters<typeof build>[0])
      expect(scrubAddress(text)).not.toContain(made.secret)
      expect(scrubText(`Cannot load ${text} now`)).not.toContain(made.secret)
    }),
    { numRuns: propertyRuns(1000) },
  )
})

it('is done with the longest message at once, also with one made to be slow', () => {
  const slow = [
    'a'.repeat(5000),
    '1 '.repeat(3000),
    ':'.repeat(5000),
    "'".repeat(5000),
    'a@'.repeat(3000),
    '?a='.repeat(3000),
  ]
  for (const text of slow) expect(scrubText(text).length).toBeLessThanOrEqual(4096)
})
