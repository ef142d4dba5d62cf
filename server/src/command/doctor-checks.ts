import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { assetsFolder, findMissingAssets } from '../assets/folder.ts'
import { type Config, ConfigError, readConfig } from '../config.ts'
import { listPendingMigrations, openStorage, type Place, placeOf } from '../open-storage.ts'
import { findSecretFault, secretFile } from '../secret.ts'
import { createSites } from '../sites/service.ts'
import { createSiteStore } from '../sites/store.ts'
import { explainFailure } from './explain-failure.ts'
import type { Terminal } from './terminal.ts'

/** What one look found. Holds no secret: it goes to terminals and into bug reports. */
export interface Finding {
  readonly state: 'fault' | 'ok' | 'warning'
  readonly what: string
  readonly remedy?: string
}

const ok = (what: string): Finding => ({ state: 'ok', what })
const fault = (what: string, remedy: string): Finding => ({ state: 'fault', what, remedy })
const warning = (what: string, remedy: string): Finding => ({ state: 'warning', what, remedy })

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  )

function checkNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const isFit = major > 22 || (major === 22 && minor >= 18)
  return isFit ? ok(`Node.js ${version}`) : fault(`Node.js ${version}`, 'Install Node.js 22.18 or newer.')
}

async function checkDataFolder(folder: string): Promise<Finding> {
  let nearest = resolve(folder)
  while (!(await exists(nearest)) && dirname(nearest) !== nearest) nearest = dirname(nearest)
  try {
    await access(nearest, constants.W_OK | constants.X_OK)
  } catch {
    return fault(`Data folder ${folder} is not writable`, 'Change its owner, or choose another with --data.')
  }
  return nearest === resolve(folder)
    ? ok(`Data folder ${folder} is writable`)
    : ok(`Data folder ${folder} can be made; the first start does`)
}

async function checkSecret({ SESSION_SECRET, DATA_DIR }: Config): Promise<Finding> {
  if (SESSION_SECRET !== undefined) return ok('Secret from SESSION_SECRET')
  const path = secretFile(DATA_DIR)
  if (!(await exists(path))) return ok('Secret: the first start makes one')
  const found = await findSecretFault(path).catch(explainFailure)
  if (found === undefined) return ok('Secret file can be read by its owner only')
  const [what = '', remedy = 'See docs/configuration.md.'] = found.split('; ')
  return fault(what, remedy)
}

async function checkSites(place: Place): Promise<Finding[]> {
  const storage = await openStorage(place.engine === 'postgres' ? place.url : `file:${place.path}`, '')
  try {
    const sites = await createSites({ store: createSiteStore(storage), nowMs: Date.now }).list()
    const bare = sites.filter(({ origins }) => origins.length === 0)
    if (sites.length === 0) return [ok('Sites: the first start makes "default"')]
    if (bare.length === 0) return [ok('Every site has origins')]
    return bare.map(({ name }) => {
      const remedy = `helloagain sites origins ${name} --add https://shop.example`
      const what = `Site "${name}" has no origins: pages elsewhere than on this server cannot call`
      return bare.length === sites.length ? fault(what, remedy) : warning(what, remedy)
    })
  } finally {
    await storage.close()
  }
}

async function checkDatabase(config: Config): Promise<Finding[]> {
  const place = placeOf(config.DATABASE_URL, config.DATA_DIR)
  const name = place.engine === 'sqlite' ? `SQLite, ${place.path}` : 'PostgreSQL'
  try {
    if (place.engine === 'sqlite' && !(await exists(place.path))) {
      return [ok(`Database (${name}): the first start makes it`)]
    }
    const pending = await listPendingMigrations(place)
    if (pending.length > 0) {
      return [fault(`Database (${name}) lacks ${pending.join(', ')}`, 'Run: helloagain migrate')]
    }
    return [ok(`Database (${name}) answers and is up to date`), ...(await checkSites(place))]
  } catch (error) {
    const remedy = explainFailure(error).replace(/^helloagain: /, '')
    return [fault(`Database (${name}) cannot be used`, remedy)]
  }
}

function checkAssets(): Finding {
  const missing = findMissingAssets(assetsFolder())
  if (missing.length === 0) return ok('SDK build is present')
  return fault(
    `SDK build lacks ${missing.join(', ')}`,
    'Run: pnpm build (an installed package: install it again).',
  )
}

/** Looks at everything a server needs. Changes nothing. */
export async function runChecks(env: Terminal['env']): Promise<Finding[]> {
  const node = checkNode(process.versions.node)
  let config: Config
  try {
    config = readConfig(env)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const remedy = 'docs/configuration.md lists every variable.'
    return [node, ...error.faults.map((what) => fault(what, remedy)), checkAssets()]
  }
  return [
    node,
    ok('Configuration'),
    await checkDataFolder(config.DATA_DIR),
    await checkSecret(config),
    ...(await checkDatabase(config)),
    checkAssets(),
  ]
}
