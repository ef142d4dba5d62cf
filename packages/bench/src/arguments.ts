import { resolve } from 'node:path'
import { parseArgs } from 'node:util'

/** What `pnpm bench` was asked for. */
export interface Arguments {
  readonly parts: readonly string[]
  readonly isWritten: boolean
  readonly recognition: RecognitionOptions
}

export interface RecognitionOptions {
  /** A recording to be answered instead of a measurement. */
  readonly replay?: string
  readonly out?: string
  /** A recording whose truth the engine may learn from before. */
  readonly calibrate?: string
  readonly isCold: boolean
  /** Labelled pairs, as CSV. */
  readonly pairs?: string
  /** One of the bench's own worlds: written to `out`, or quickly answered, with the figures of that alone. */
  readonly world?: string
  /** Of the browsers in worlds and stores, 0–1: for a first look. @default all */
  readonly share?: number
}

/** A command line that says nothing we understand. */
export class BadArguments extends Error {
  override readonly name = 'BadArguments'
}

const OPTIONS = {
  write: { type: 'boolean' },
  replay: { type: 'string' },
  out: { type: 'string' },
  calibrate: { type: 'string' },
  cold: { type: 'boolean' },
  pairs: { type: 'string' },
  world: { type: 'string' },
  share: { type: 'string' },
} as const

function parse(words: readonly string[]) {
  try {
    return parseArgs({ args: [...words], options: OPTIONS, allowPositionals: true })
  } catch (error) {
    throw new BadArguments(error instanceof Error ? error.message : String(error))
  }
}

type Values = ReturnType<typeof parse>['values']

/** @throws BadArguments where options do not go together */
function check({ write: _, ...ours }: Values, parts: readonly string[]): void {
  const { replay, out, calibrate, share, world } = ours
  if (Object.keys(ours).length > 0 && (parts.length !== 1 || parts[0] !== 'recognition')) {
    const names = Object.keys(OPTIONS).filter((name) => name !== 'write')
    throw new BadArguments(
      `These go with the part recognition: ${names.map((name) => `--${name}`).join(', ')}.`,
    )
  }
  // A world is written to `out`, or answered.
  if (world === undefined ? (replay === undefined) !== (out === undefined) : replay !== undefined) {
    throw new BadArguments('--replay FILE and --out FILE go together; --world NAME takes --out FILE alone.')
  }
  if (calibrate !== undefined && replay === undefined) {
    throw new BadArguments('--calibrate FILE goes with --replay FILE.')
  }
  if (share !== undefined && !(Number(share) > 0 && Number(share) <= 1)) {
    throw new BadArguments(`--share is more than 0 and at most 1, not ${share}.`)
  }
}

/**
 * Reads a command line.
 *
 * @param folder what paths are relative to: a package manager runs a script elsewhere than where it was called
 * @throws BadArguments
 */
export function readArguments(words: readonly string[], folder: string): Arguments {
  const { values, positionals: parts } = parse(words)
  const path = (name: 'calibrate' | 'out' | 'pairs' | 'replay') =>
    values[name] === undefined ? {} : { [name]: resolve(folder, values[name]) }
  check(values, parts)
  const { cold, world, share } = values
  return {
    parts,
    isWritten: values.write === true,
    recognition: {
      ...{ ...path('replay'), ...path('out'), ...path('calibrate'), ...path('pairs') },
      ...(world !== undefined && { world }),
      ...(share !== undefined && { share: Number(share) }),
      isCold: cold === true,
    },
  }
}
