import { createHash, randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type FileHandle, link, open, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { type Pack, pack as startPack } from 'tar-stream'
import { type Digest, MANIFEST_NAME, type Manifest, writeManifest } from './manifest.ts'

export interface ArchiveWriter {
  /** Where the file is written until it is whole; names that begin so are free for helpers of one's own. */
  readonly draft: string
  add(name: string, bytes: Buffer): Promise<void>
  addFile(name: string, path: string, onBytes?: (bytes: number) => void): Promise<void>
}

type Fill = (archive: ArchiveWriter) => Promise<Omit<Manifest, 'entries' | 'format'>>

const isThere = (error: unknown) => (error as NodeJS.ErrnoException | null)?.code === 'EEXIST'
const existsAlready = (path: string) => new Error(`${path} exists already: a backup overwrites nothing.`)

function createWriter(draft: string, pack: Pack) {
  const digests = new Map<string, Digest>()
  const writer: ArchiveWriter = {
    draft,
    add(name, bytes) {
      const sha256 = createHash('sha256').update(bytes).digest('hex')
      digests.set(name, { bytes: bytes.length, sha256 })
      return new Promise((resolve, reject) => {
        pack.entry({ name, mode: 0o600 }, bytes, (error) => (error ? reject(error) : resolve()))
      })
    },
    async addFile(name, path, onBytes = () => undefined) {
      const { size } = await stat(path)
      const hash = createHash('sha256')
      const read = createReadStream(path, { highWaterMark: 1 << 20 })
      let bytes = 0
      async function* hashed() {
        for await (const chunk of read as AsyncIterable<Buffer>) {
          hash.update(chunk)
          bytes += chunk.length
          onBytes(bytes)
          yield chunk
        }
      }
      await pipeline(hashed, pack.entry({ name, size, mode: 0o600 }))
      digests.set(name, { bytes, sha256: hash.digest('hex') })
    },
  }
  return { writer, digests }
}

/** Writes the entries and the manifest through tar and gzip, down to the disk. */
async function writeDraft(draft: string, file: FileHandle, fill: Fill): Promise<void> {
  const pack = startPack()
  const written = pipeline(pack, createGzip(), file.createWriteStream({ flush: true }))
  const { writer, digests } = createWriter(draft, pack)
  const filled = (async () => {
    const contents = await fill(writer)
    await writer.add(MANIFEST_NAME, writeManifest(contents, new Map(digests)))
    pack.finalize()
  })()
  try {
    await Promise.all([filled, written])
  } catch (error) {
    pack.destroy()
    await Promise.allSettled([filled, written])
    throw error
  }
}

/** Gives a whole file its name, unless something has it already. */
async function place(draft: string, target: string): Promise<void> {
  try {
    await link(draft, target)
  } catch (error) {
    if (isThere(error)) throw existsAlready(target)
    // Some mounted folders know no hard links.
    await rename(draft, target)
  }
  const folder = await open(dirname(target), 'r')
  // Windows syncs no folders.
  await folder.sync().catch(() => undefined)
  await folder.close()
}

/**
 * Writes a backup that appears under its name only when it is whole and on the disk. Readable by its owner only.
 *
 * @throws Error when the name is taken; whatever `fill` throws; the system's error when the disk does not take it
 */
export async function writeArchive(target: string, fill: Fill): Promise<void> {
  const isTaken = await stat(target).then(
    () => true,
    () => false,
  )
  if (isTaken) throw existsAlready(target)
  const draft = `${target}.${randomBytes(4).toString('hex')}.partial`
  const file = await open(draft, 'wx', 0o600)
  try {
    await writeDraft(draft, file, fill)
    await place(draft, target)
  } finally {
    await rm(draft, { force: true })
  }
}
