// The architecture, as rules. ARCHITECTURE.md names each one.
const rooms =
  'assets|health|sites|sessions|events|recognition|journey|accounts|mfa|organizations|compliance|audit|privacy|admin'

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'protocol-is-the-floor',
      severity: 'error',
      from: { path: '^packages/protocol/src' },
      to: { pathNot: ['^packages/protocol/src', 'node_modules/(\\.pnpm/)?zod'] },
    },
    {
      name: 'zod-stays-in-schemas',
      severity: 'error',
      from: { path: '^packages/protocol/src', pathNot: '(\\.schema|/schemas|\\.test-d)\\.ts$' },
      to: { path: ['node_modules/(\\.pnpm/)?zod', '\\.schema\\.ts$'] },
    },
    {
      name: 'sdk-knows-only-the-protocol',
      severity: 'error',
      from: { path: '^packages/browser/src', pathNot: '\\.test\\.ts$' },
      to: {
        pathNot: [
          '^packages/browser/src',
          '^packages/(protocol|recognition)/(src|dist)/index',
          '^@helloagain/(protocol|recognition)$',
        ],
      },
    },
    {
      name: 'signals-stand-alone',
      severity: 'error',
      from: { path: '^packages/browser/src/fingerprint/signals/', pathNot: '\\.test\\.ts$' },
      to: { path: '^packages/browser/src/', pathNot: '^packages/browser/src/platform/' },
    },
    {
      name: 'platform-knows-no-room',
      severity: 'error',
      from: { path: '^server/src/platform/', pathNot: '/on-every-engine\\.ts$' },
      to: { path: [`^server/src/(${rooms})/`, '^server/src/[^/]+\\.ts$'] },
    },
    {
      name: 'rooms-meet-at-ports',
      severity: 'error',
      from: { path: `^server/src/(${rooms})/`, pathNot: '\\.test\\.ts$' },
      to: { path: `^server/src/(${rooms})/`, pathNot: ['^server/src/$1/', '/ports\\.ts$', '/tables\\.ts$'] },
    },
    {
      name: 'gateway-knows-ports-only',
      severity: 'error',
      from: { path: '^server/src/gateway/', pathNot: '\\.test\\.ts$' },
      to: { path: `^server/src/(${rooms})/`, pathNot: '/ports\\.ts$' },
    },
    {
      name: 'services-are-pure',
      severity: 'error',
      from: { path: '^server/src/[^/]+/(service|policy)\\.ts$' },
      to: {
        path: [
          'node_modules/(\\.pnpm/)?(express|drizzle-orm|better-sqlite3|pg|ioredis)',
          'platform/storage/',
          '/(routes|store|tables)\\.ts$',
          '^(node:)?(fs|net|http|https|child_process)$',
        ],
      },
    },
    {
      name: 'only-stores-speak-sql',
      severity: 'error',
      from: {
        path: '^server/src',
        // `x-rows.ts` is a part of its room's store; the event log prepares its own statements.
        pathNot: [
          '/(store|tables|[a-z-]+-rows|event-log-[a-z]+)\\.ts$',
          '^server/src/platform/storage/',
          '\\.test\\.ts$',
        ],
      },
      to: { path: 'node_modules/(\\.pnpm/)?(drizzle-orm|better-sqlite3|pg)@' },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(dist|migrations)/' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['types', 'import', 'default'] },
  },
}
