import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { generateVisits } from './generate.ts'
import type { WorldSettings } from './settings.ts'

/** Lines to a write; a line is about 1 kB. */
const CHUNK = 1000

/** Writes a world in the replay format, one visit a line. */
export async function writeWorld(world: WorldSettings, path: string): Promise<void> {
  await pipeline(Readable.from(chunksOf(world)), createWriteStream(path))
}

function* chunksOf(world: WorldSettings): Generator<string> {
  let lines: string[] = []
  for (const visit of generateVisits(world)) {
    lines.push(`${JSON.stringify(visit)}\n`)
    if (lines.length < CHUNK) continue
    yield lines.join('')
    lines = []
  }
  if (lines.length > 0) yield lines.join('')
}
