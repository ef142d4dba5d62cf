import type { Command } from 'commander'
import { type KeyView, SECRET_KEY_SCOPES } from '../sites/ports.ts'
import type { Run } from './run.ts'
import { layOut, type Terminal } from './terminal.ts'

const dateOf = (atMs: number) => new Date(atMs).toISOString().slice(0, 10)

function describeKey({ id, kind, value, hint, scopes, createdAtMs, revokedAtMs }: KeyView): string[] {
  const state = revokedAtMs === null ? 'in use' : `revoked ${dateOf(revokedAtMs)}`
  return [id, value ?? `sk_…${hint}`, kind, scopes.join(',') || '-', dateOf(createdAtMs), state]
}

/** `keys list`, `keys create`, `keys revoke`. */
export function addKeyCommands(program: Command, run: Run, { print }: Terminal): void {
  const keys = program.command('keys').description('publishable keys for pages, secret keys for back ends')

  const list = keys.command('list').description('every key of a site').argument('<site>')
  run(list, async ({ withSites, args: [site = ''] }) => {
    const all = await withSites((admin) => admin.listKeys(site))
    const head = ['ID', 'KEY', 'KIND', 'SCOPES', 'MADE', 'STATE']
    for (const line of layOut([head, ...all.map(describeKey)])) print(line)
  })

  const create = keys
    .command('create')
    .description('make a key; a secret one is shown this once')
    .argument('<site>')
    .option('--secret', 'for a back end; never in a browser')
    .option('--scopes <list>', `what a secret key may do: ${SECRET_KEY_SCOPES.join(', ')}`)
  run(create, async ({ withSites, args: [site = ''], options }) => {
    const kind = options['secret'] ? 'secret' : 'publishable'
    const text = (options['scopes'] as string | undefined) ?? ''
    const scopes = text
      .split(',')
      .map((part) => part.trim())
      .filter(Boolean)
    const { id, key } = await withSites((admin) => admin.createKey(site, kind, scopes))
    print(key)
    print(
      kind === 'secret'
        ? `Keep it now: it is stored hashed and cannot be shown again. Its id: ${id}`
        : `Its id: ${id}`,
    )
  })

  const revoke = keys
    .command('revoke')
    .description('end a key for good; running servers know within two seconds')
    .argument('<site>')
    .argument('<id>', 'as keys list shows it')
  run(revoke, async ({ withSites, args: [site = '', id = ''] }) => {
    await withSites((admin) => admin.revokeKey(site, id))
    print(`Key ${id} is revoked.`)
  })
}
