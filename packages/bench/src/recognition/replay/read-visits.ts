import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { BadVisit, createVisitParser, type Visit } from './parse-visit.ts'

export interface NumberedVisit extends Visit {
  /** Counted from 1, blank lines included. */
  readonly line: number
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new BadVisit(`no JSON (${error instanceof Error ? error.message : error})`)
  }
}

/**
 * Reads a recording line by line, so that its length does not matter. Blank lines are passed over.
 *
 * @throws BadVisit with the number of the line; the system's error where the file cannot be read
 */
export async function* readVisits(path: string): AsyncGenerator<NumberedVisit> {
  const parse = createVisitParser()
  let line = 0
  for await (const text of createInterface({
    input: createReadStream(path),
    crlfDelay: Number.POSITIVE_INFINITY,
  })) {
    line += 1
    // A byte order mark may stand before the first line.
    const json = line === 1 ? text.replace(/^\uFEFF/, '') : text
    if (json.trim() === '') continue
    try {
      yield { line, ...parse(parseJson(json)) }
    } catch (error) {
      if (error instanceof BadVisit) throw new BadVisit(`${path}, line ${line}: ${error.message}`)
      throw error
    }
  }
}
