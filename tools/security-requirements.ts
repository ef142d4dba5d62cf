/** One thing the product promises about security or privacy. */
export interface Requirement {
  readonly id: string
  readonly text: string
  /** Tests that show it without naming its id: file and a part of the title. */
  readonly shownBy?: readonly (readonly [file: string, title: string])[]
  /** What is not held yet, and why. */
  readonly open?: string
}

const ATTACKER = 'server/src/sessions/attacker.test.ts'
const SDK = 'e2e/conformance/sdk-core.spec.ts'
const PREFILL = 'e2e/conformance/forms-prefill.spec.ts'
const MFA = 'There are no second factors yet.'
const MAIL = 'There are no mails, resets or verifications yet.'
const ORGANISATIONS = 'There are no organisations and no staff yet.'
const AUDIT = 'There is no audit trail yet.'

/** Sources: OWASP ASVS 5.0, NIST SP 800-63B-4, advisories of comparable products. */
export const REQUIREMENTS: readonly Requirement[] = [
  {
    id: 'S1',
    text: 'A fingerprint never authenticates, opens or changes personal data, or restores a deleted cookie',
    shownBy: [
      [ATTACKER, 'a forged fingerprint and device id learn only that somebody was here'],
      [
        'e2e/stories/returning-visitor.spec.ts',
        'with everything wiped is known as returning and as nothing else',
      ],
    ],
  },
  {
    id: 'S2',
    text: 'Two visitors with device keys are never merged by a fingerprint; a forged one overwrites nobody',
    shownBy: [
      ['server/src/recognition/store.contract.test.ts', 'abstains where several unlinked visitors hold it'],
      ['server/src/recognition/graph.contract.test.ts', 'is refused where both people hold a device key'],
      [
        'server/src/recognition/graph.contract.test.ts',
        'and claims of one moment leave no two keys in one person',
      ],
      [
        'server/src/sessions/device-key.test.ts',
        'gives a browser that holds a cookie and the key of another visitor to the key, and merges nothing',
      ],
    ],
  },
  {
    id: 'S3',
    text: 'Prefill needs proof, within 30 days, e-mail masked until focus, "Not you?" resets; never passwords, cards, hidden fields',
    shownBy: [
      [PREFILL, 'masks an e-mail address until it is focused'],
      [PREFILL, 'fills up to the 30th day'],
      ['e2e/conformance/forms.spec.ts', '"Not you?" resets, hides the welcome and empties the forms'],
      ['e2e/stories/shared-computer.spec.ts', 'shows the second one nothing of the first'],
    ],
  },
  {
    id: 'S4',
    text: 'Session recovery is off by default and never an account',
    open: 'Recovery does not exist yet.',
  },
  {
    id: 'S5',
    text: 'Below cookie and key a browser learns only isReturning',
    shownBy: [[ATTACKER, 'a forged fingerprint and device id learn only that somebody was here']],
  },
  {
    id: 'S6',
    text: 'Learned weights cannot be poisoned',
    shownBy: [
      ['server/src/recognition/learning.test.ts', 'never puts weights live that shuffled labels taught'],
      ['server/src/recognition/learning.test.ts', 'a flood of false lessons taught'],
    ],
  },
  {
    id: 'P1',
    text: 'GPC, DNT and Sec-GPC are read before any probe or storage, in browser and server',
    shownBy: [
      ['e2e/stories/privacy.spec.ts', 'with Global Privacy Control nothing is read and nothing is stored'],
      [SDK, 'stores nothing and sends no cookie under Global Privacy Control'],
      ['server/src/recognition/fingerprint-lookup.test.ts', 'looks nothing up under an opt-out signal'],
    ],
  },
  {
    id: 'P2',
    text: 'Consent modes off, cookieless (of a day), recognition; a record of each decision',
    shownBy: [
      ['server/src/sessions/privacy-routes.test.ts', 'groups a day, and links nothing to the day after'],
      ['server/src/sessions/privacy-routes.test.ts', 'records a decision once, with its wording'],
    ],
  },
  { id: 'P3', text: 'Raw attributes are never stored; addresses are truncated before they are written' },
  {
    id: 'P4',
    text: 'No identifier is equal on two sites',
    shownBy: [
      ['e2e/conformance/fingerprint.spec.ts', 'differs between two sites'],
      [ATTACKER, 'one browser proves its sessions of two sites, and what it tells one stays there'],
    ],
  },
  {
    id: 'P5',
    text: 'Expiry on every token and session; retention per class',
    shownBy: [['server/src/sessions/profile-routes.test.ts', 'session.expired']],
    open: 'Events are deleted by age (docs/events.md); sessions and log-ins are refused when they are old, but their rows are not swept yet.',
  },
  {
    id: 'P6',
    text: 'Erasure reaches every room; afterwards the database file holds nothing of the person',
    open: 'A visitor is exported and erased whole; an account is not yet.',
  },
  {
    id: 'P7',
    text: 'No telemetry to anyone',
    shownBy: [
      ['e2e/conformance/fingerprint.spec.ts', 'the script stays small and holds no telemetry of its vendor'],
      ['e2e/conformance/fingerprint.spec.ts', 'asks no host for anything'],
    ],
  },
  { id: 'W1', text: 'Origin-exact allow-lists in the interceptors and in CORS' },
  { id: 'W2', text: 'Sizes, depth and counts are bounded while streaming; slow clients are cut off' },
  {
    id: 'W3',
    text: 'No prototype pollution, no slow regular expressions on input, no SSRF',
    shownBy: [
      ['server/src/journey/anonymous-auth.test.ts', 'refuses __proto__ keys'],
      ['server/src/events/ingest-bad-input.test.ts', '__proto__'],
    ],
    open: 'There are no webhooks yet, so nothing to forge requests with.',
  },
  {
    id: 'W4',
    text: 'Safe headers and a CSP on everything served',
    shownBy: [
      ['server/src/assets/routes.test.ts', 'content-security-policy'],
      ['e2e/conformance/fingerprint.spec.ts', 'runs under a strict content security policy'],
    ],
  },
  {
    id: 'W5',
    text: 'Secrets: made at the first start with mode 0600, refused when weak, never in logs or answers',
  },
  { id: 'W6', text: 'Answers carry only declared fields' },
  {
    id: 'W7',
    text: 'Publishable keys read nothing of others; secret keys are hashed, scoped, revocable, refused from browsers',
  },
  {
    id: 'W8',
    text: 'Exact versions, permissive licences, no install scripts beyond the listed ones',
    shownBy: [],
    open: 'Held by pnpm-workspace.yaml (allowBuilds) and exact versions in every package.json; no test.',
  },
  { id: 'W9', text: 'The bearer token goes to named API origins only and lives in memory' },
  {
    id: 'W10',
    text: 'Loopback trust needs a loopback socket and no forwarding header',
    open: 'Nothing trusts loopback yet.',
  },
  {
    id: 'W11',
    text: 'Alongside: the journey is signed and swapped, only the rooms asked for are mounted, no global headers or cookies',
    shownBy: [
      [
        'server/src/alongside/preferences-book.test.ts',
        'says nothing of another user or site, nor under another secret',
      ],
    ],
  },
  { id: 'W12', text: 'Mails to unverified addresses carry no user-written text', open: MAIL },
  { id: 'R1', text: 'Passwords: 15 characters where they are the only factor' },
  { id: 'R2', text: 'At least 64 characters are taken; 256 is refused before hashing' },
  { id: 'R3', text: 'No composition rules, no periodic expiry' },
  { id: 'R4', text: 'Verified at full length, normalised once, not trimmed' },
  { id: 'R5', text: 'Blocklisted passwords are refused with a reason' },
  { id: 'R6', text: 'Passwords made of name, address or product are refused' },
  { id: 'R7', text: 'Argon2id, parameters in the hash, renewed at log-in when weaker' },
  { id: 'R8', text: 'Optional pepper with a key id', open: 'Optional and not built.' },
  { id: 'R9', text: 'Concurrent hashing is capped, 503 when full' },
  {
    id: 'R10',
    text: 'A password change needs the current one and revokes other sessions',
    open: 'Passwords cannot be changed yet.',
  },
  { id: 'R11', text: 'An admin cannot set a password', open: ORGANISATIONS },
  ...Array.from({ length: 13 }, (_, index) => ({ id: `R${12 + index}`, text: 'Second factors', open: MFA })),
  { id: 'R25', text: 'Refresh tokens are opaque, only their hash is stored, a database dump cannot sign in' },
  { id: 'R26', text: 'Cookies are __Host-, Secure, HttpOnly, SameSite=Lax' },
  { id: 'R27', text: 'Idle and absolute timeouts, enforced by the server' },
  { id: 'R28', text: 'A new login session at every log-in' },
  { id: 'R29', text: 'Log-out ends the login session at once, refresh in flight included' },
  {
    id: 'R30',
    text: 'Login sessions can be listed, never with the token',
    open: 'Comes with the account page.',
  },
  { id: 'R31', text: 'Revoke one, all, others', open: 'Comes with the account page.' },
  { id: 'R32', text: 'A limit of concurrent sessions', open: 'Comes with the account page.' },
  { id: 'R33', text: 'Fresh authentication for sensitive changes', open: 'There are no such changes yet.' },
  { id: 'R34', text: 'Use of a session after its end is logged', open: AUDIT },
  { id: 'R35', text: 'Refresh rotates by compare-and-swap; reuse revokes the family' },
  { id: 'R36', text: 'Within the grace the same successor comes again' },
  { id: 'R37', text: 'Absolute lifetime of a family' },
  { id: 'R38', text: 'Access tokens live 10 minutes and die with their login session' },
  { id: 'R39', text: 'Verification pins algorithm, issuer, audience and type' },
  { id: 'R40', text: 'No key from the token itself; unknown kid is 401' },
  { id: 'R41', text: 'JWKS with current, previous and next keys' },
  { id: 'R42', text: 'Private keys are sealed at rest' },
  {
    id: 'R43',
    text: 'Limits per account, address, on by default',
    open: 'Counts live in one process until Redis is there.',
  },
  { id: 'R44', text: 'Growing delay, never a lock a stranger can cause' },
  { id: 'R45', text: '429 with Retry-After and RateLimit headers' },
  { id: 'R46', text: 'Same answer and equal work for known and unknown addresses' },
  { id: 'R47', text: 'Foreign pages cannot use cookies; JSON content type required' },
  { id: 'R48', text: 'Password reset', open: MAIL },
  {
    id: 'R49',
    text: 'TRUST_PROXY is a list of ranges; true is refused',
  },
  {
    id: 'R50',
    text: 'Client addresses are validated and canonical; unreadable ones share a bucket',
  },
  { id: 'R51', text: 'Allow-lists refuse ambiguous addresses', open: ORGANISATIONS },
  { id: 'R52', text: 'Admin allow-list by connection address', open: ORGANISATIONS },
  { id: 'R53', text: 'Links come from PUBLIC_URL alone' },
  { id: 'R54', text: 'Every route declares who may call' },
  ...Array.from({ length: 5 }, (_, index) => ({
    id: `R${55 + index}`,
    text: 'Organisations',
    open: ORGANISATIONS,
  })),
  {
    id: 'R60',
    text: 'Secrets at rest are sealed, bound to their place',
    shownBy: [['server/src/platform/crypto/sealed-box.test.ts', 'in its own place only']],
    open: 'There is no command yet that seals again under a new key.',
  },
  ...Array.from({ length: 5 }, (_, index) => ({ id: `R${61 + index}`, text: 'Audit trail', open: AUDIT })),
  { id: 'R66', text: 'Logs cannot be injected into, and hold no codes, tokens or passwords' },
  {
    id: 'R67',
    text: 'Retention, holds, export and erasure for a person',
    open: 'Erasure of a visitor only, so far.',
  },
  {
    id: 'R68',
    text: 'A failure of ours answers a plain 500 with the request id',
  },
]
