import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { extract as startExtract } from 'tar-stream'
import { checkEntries, type Digest, MANIFEST_NAME, type Manifest, readManifest } from './manifest.ts'

/** Takes the bytes of an entry; those it leaves are read all the same. */
type Visit = (name: string, bytes: AsyncIterable<Buffer>) => Promise<void>

export interface ReadOptions {
  readonly visit?: Visit
  /** Told how many bytes of the file were read so far. */
  readonly onBytes?: (bytes: number) => void
}

/** Of a list of entries with 8 MiB each; more than any backup has. */
const MANIFEST_LIMIT_BYTES = 64 << 20

async function drain(bytes: AsyncIterable<Buffer>): Promise<void> {
  for await (const _ of bytes);
}

async function readEntries(path: string, { visit, onBytes }: ReadOptions) {
  const file = createReadStream(path, { highWaterMark: 1 << 20 })
  file.on('data', () => onBytes?.(file.bytesRead))
  const extract = startExtract()
  const digests = new Map<string, Digest>()
  const manifest: Buffer[] = []
  const read = (async () => {
    for await (const entry of extract) {
      const { name } = entry.header
      const hash = createHash('sha256')
      let bytes = 0
      async function* hashed() {
        for await (const chunk of entry as AsyncIterable<Buffer>) {
          hash.update(chunk)
          bytes += chunk.length
          if (name === MANIFEST_NAME && bytes <= MANIFEST_LIMIT_BYTES) manifest.push(chunk)
          yield chunk
        }
      }
      const content = hashed()
      if (name !== MANIFEST_NAME) await visit?.(name, content)
      await drain(content)
      if (name !== MANIFEST_NAME) digests.set(name, { bytes, sha256: hash.digest('hex') })
    }
  })()
  await Promise.all([read, pipeline(file, createGunzip(), extract)])
  return { digests, manifest: Buffer.concat(manifest).toString() }
}

/**
 * Reads a backup from end to end and checks every byte of it.
 *
 * @throws Error in words for a person, when it is cut off, was changed, or is none
 */
export async function verifyArchive(path: string, options: ReadOptions): Promise<Manifest> {
  try {
    const { digests, manifest } = await readEntries(path, options)
    if (manifest === '') throw new Error('it has no manifest')
    const known = readManifest(manifest)
    checkEntries(known, digests)
    return known
  } catch (error) {
    // No such file, or not ours to read: the system says it best.
    if (typeof (error as NodeJS.ErrnoException).syscall === 'string') throw error
    const why = error instanceof Error ? error.message : String(error)
    throw new Error(`${path} is no backup that can be restored: ${why}. Nothing was changed.`, {
      cause: error,
    })
  }
}

/**
 * Hands out the entries of a backup that {@link verifyArchive} has found whole.
 *
 * @throws Error when the file is no longer the one that was verified; whatever `visit` throws
 */
export async function readArchive(path: string, manifest: Manifest, options: ReadOptions): Promise<void> {
  const { digests } = await readEntries(path, options)
  checkEntries(manifest, digests)
}
