import type { ErrorDescription } from './error-payload.ts'
import { hashText } from './hash-text.ts'
import { type Frame, readFrames, tellSource } from './parse-stack.ts'
import { readThrown, type Thrown, type Uncaught } from './read-thrown.ts'
import { scrubAddress } from './scrub-address.ts'
import { scrubText } from './scrub-text.ts'
import { scrubWords } from './scrub-words.ts'

const MOST_MESSAGE_CHARACTERS = 256
const EXTENSION = /^(?:chrome|moz|ms-browser|safari(?:-web)?)-extension:/
/** Chrome and Firefox report it where an observer's work took longer than a frame; nothing is lost, nothing to mend. */
const NOISE = /^(?:Error: |UncaughtValue: )?ResizeObserver loop /

const tellFrame = ({ name, source, line, column }: Frame): string =>
  `${name || '?'} (${source}:${line}:${column})`

/** Numbers and case of words differ from one occurrence to the next: `Item 7` and `Item 8` are one error. */
const fingerprintOf = (type: string, message: string, place: string): string =>
  hashText(`${type}\n${message.replace(/\d+/g, '0')}\n${place}`)

const isIgnored = (text: string, ignore: readonly (RegExp | string)[]): boolean =>
  // `search`, because a pattern with the flag `g` remembers where it found something.
  ignore.some((one) => (typeof one === 'string' ? text.includes(one) : text.search(one) >= 0))

/** The frame an error comes from: the topmost, else the place its event names. */
function findOrigin(
  frames: Frame[],
  { filename, lineno, colno }: Uncaught,
  pageOrigin: string,
): Frame | undefined {
  if (frames[0] || !filename) return frames[0]
  return { name: '', source: tellSource(filename, pageOrigin), line: lineno ?? 0, column: colno ?? 0 }
}

interface Surroundings {
  location: Pick<Location, 'origin' | 'pathname'>
  ignore: readonly (RegExp | string)[]
}

function describe(
  uncaught: Uncaught,
  { type, message, stack }: Thrown,
  { location, ignore }: Surroundings,
): ErrorDescription | undefined {
  const said = `${type}: ${message}`
  if (type === 'AbortError' || NOISE.test(said) || isIgnored(said, ignore)) return undefined
  const frames = readFrames(stack, location.origin)
  const origin = findOrigin(frames, uncaught, location.origin)
  if (EXTENSION.test(origin?.source ?? '')) return undefined
  const errorType = /^[\w$.-]{1,64}$/.test(type) ? scrubWords(type) : 'Error'
  const told = scrubText(message).slice(0, MOST_MESSAGE_CHARACTERS)
  return {
    errorType,
    message: told,
    page: scrubAddress(location.pathname),
    ...(origin && { source: origin.source, line: origin.line, column: origin.column }),
    ...(frames.length > 0 && { stack: frames.map(tellFrame) }),
    fingerprint: fingerprintOf(errorType, told, origin ? tellFrame(origin) : ''),
  }
}

/** Errors whose description is kept, so that one that is thrown a thousand times a second is looked at once. */
const MOST_KEPT = 100

/**
 * A maker of what may be told of an uncaught error. It answers undefined for what is left out: what the options name,
 * calls that the page itself broke off, noise of the browser, and errors of the browser's extensions.
 */
export function createDescriber(
  surroundings: Surroundings,
): (uncaught: Uncaught) => ErrorDescription | undefined {
  const kept = new Map<string, ErrorDescription | undefined>()
  return (uncaught) => {
    const thrown = readThrown(uncaught)
    const { filename, lineno, colno } = uncaught
    const key = [thrown.type, thrown.message, thrown.stack, filename, lineno, colno].join('\n')
    if (kept.has(key)) return kept.get(key)
    const error = describe(uncaught, thrown, surroundings)
    if (kept.size === MOST_KEPT) kept.clear()
    kept.set(key, error)
    return error
  }
}
