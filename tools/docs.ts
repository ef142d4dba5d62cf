// Writes the pages that are made from code: `node tools/docs.ts`. tools/docs.test.ts fails when one is stale.
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { REFUSALS } from '../packages/protocol/src/refusals.ts'
import { SIGNAL_SOURCES } from '../packages/recognition/src/signal-sources.ts'
import { SIGNAL_NAMES, SIGNALS } from '../packages/recognition/src/signals.ts'
import { environmentSchema } from '../server/src/config.ts'
import { securityPage } from './security-page.ts'

const cell = (text: string) => text.replaceAll('|', '\\|')
const row = (...cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [row(...head), row(...head.map(() => '---')), ...rows.map((cells) => row(...cells))].join('\n')
}

function refusalsPage(): string {
  const rows = Object.entries(REFUSALS).map(([code, { status, message, remedy }]) => [
    `\`${code}\``,
    String(status),
    message,
    remedy,
  ])
  return `# Refusals

Every failure answers \`{"success": false, "error": {"code", "message", "issues"}, "requestId"}\`. These are the codes.

${table(['code', 'status', 'message', 'what to do'], rows)}
`
}

function signalsPage(): string {
  const rows = SIGNAL_NAMES.map((name) => {
    const { group, bits, drift, isHashed } = SIGNALS[name]
    return [`\`${name}\``, group, String(bits), drift, isHashed ? 'yes' : 'no', SIGNAL_SOURCES[name]]
  })
  return `# Signals

What the browser is observed for, and only where consent allows. \`bits\` is what a signal adds to the others; signals of
one group tell much the same, so a group's sum is capped. Values that change in ordinary use are evidence, but no part of
the exact fingerprint. The server stores the fingerprint and its confidence, never the values.

${table(['signal', 'group', 'bits', 'changes', 'in the hash', 'where the figure comes from'], rows)}
`
}

const shown = (value: unknown) => (Array.isArray(value) ? value.join(',') : String(value ?? ''))

function configurationPage(): string {
  const rows = Object.entries(environmentSchema.shape).map(([name, schema]) => {
    const fallback = schema.safeParse(undefined)
    return [
      `\`${name}\``,
      fallback.success ? shown(fallback.data) : '',
      z.globalRegistry.get(schema)?.description ?? '',
    ]
  })
  return `# Configuration

Environment variables, all checked at start: one clear line a fault, exit code 2. Durations are such as \`30d\` or \`12h\`;
their defaults are shown in milliseconds.

${table(['variable', 'default', 'meaning'], rows)}
`
}

/** Every generated page by its path from the root. */
export const pages = (): Readonly<Record<string, string>> => ({
  'docs/refusals.md': refusalsPage(),
  'docs/signals.md': signalsPage(),
  'docs/configuration.md': configurationPage(),
  'docs/security.md': securityPage(),
})

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [path, text] of Object.entries(pages())) {
    writeFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)), text)
  }
}
