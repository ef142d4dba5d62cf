import type { Command } from 'commander'
import { Option } from 'commander'
import type { Site } from '../sites/ports.ts'
import type { Run } from './run.ts'
import { layOut, type Terminal } from './terminal.ts'

const gather = (value: string, before: string[]) => [...before, value]

/** `sites list`, `sites create`, `sites origins`. */
export function addSiteCommands(program: Command, run: Run, { print }: Terminal): void {
  const sites = program.command('sites').description('sites and the origins whose pages may call')

  run(sites.command('list').description('every site with its origins'), async ({ withSites }) => {
    const all = await withSites((admin) => admin.list())
    const rows = all.map(({ name, unsetMode, origins }) => [name, unsetMode, origins.join(' ') || '-'])
    for (const line of layOut([['SITE', 'UNSET', 'ORIGINS'], ...rows])) print(line)
  })

  const create = sites
    .command('create')
    .description('make a site with its first publishable key')
    .argument('<name>', 'letters, digits, dots, dashes')
    .addOption(
      new Option('--unset <mode>', 'what it means that a person has not chosen yet')
        .choices(['recognition', 'cookieless'])
        .default('cookieless'),
    )
  run(create, async ({ withSites, args: [name = ''], options }) => {
    const unsetMode = options['unset'] as Site['unsetMode']
    const { publishableKey } = await withSites((admin) => admin.create(name, { unsetMode }))
    print(`Site "${name}" is made. Its publishable key: ${publishableKey}`)
    print(`Next, register where its pages live: helloagain sites origins ${name} --add https://shop.example`)
  })

  const originsOf = sites
    .command('origins')
    .description('show, add or remove origins of a site')
    .argument('<site>')
    .option('--add <url>', 'scheme and host, such as https://shop.example; may be repeated', gather, [])
    .option('--remove <url>', 'may be repeated', gather, [])
  run(originsOf, async ({ withSites, args: [name = ''], options }) => {
    const { add, remove } = options as { add: string[]; remove: string[] }
    const site = await withSites(async (admin) => {
      for (const origin of add) await admin.addOrigin(name, origin)
      for (const origin of remove) await admin.removeOrigin(name, origin)
      return admin.get(name)
    })
    for (const origin of site.origins) print(origin)
    if (site.origins.length === 0) print('No origins: pages elsewhere than on this server cannot call.')
  })
}
