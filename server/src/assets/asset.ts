import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, gzip } from 'node:zlib'

export type Coding = 'br' | 'gzip' | 'identity'

/** One browser file in memory, in every coding browsers ask for. */
export interface Asset {
  readonly bytes: Readonly<Record<Coding, Buffer>>
  /** A strong validator of a coding (RFC 9110 §8.8.3.3: codings differ). */
  etag(coding: Coding): string
}

async function loadAsset(path: string): Promise<Asset> {
  const identity = await readFile(path)
  const [br, zipped] = await Promise.all([
    promisify(brotliCompress)(identity),
    promisify(gzip)(identity, { level: 9 }),
  ])
  const digest = createHash('sha256').update(identity).digest('base64url').slice(0, 22)
  return { bytes: { br, gzip: zipped, identity }, etag: (coding) => `"${digest}-${coding}"` }
}

/** Reads a file of the folder; undefined when it is not there. */
export type ReadAsset = (name: string) => Promise<Asset | undefined>

/** Compresses each file once, and again after it has changed on disk. */
export function createReadAsset(folder: string): ReadAsset {
  const loaded = new Map<string, { version: string; asset: Promise<Asset> }>()

  return async (name) => {
    const path = join(folder, name)
    const found = await stat(path).catch(() => undefined)
    if (!found?.isFile()) return undefined
    const version = `${found.mtimeMs}-${found.size}`
    const known = loaded.get(name)
    if (known?.version === version) return known.asset
    const asset = loadAsset(path)
    loaded.set(name, { version, asset })
    // A failed reading is not kept.
    asset.catch(() => loaded.delete(name))
    return asset
  }
}
