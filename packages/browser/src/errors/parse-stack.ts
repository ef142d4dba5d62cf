import { scrubAddress } from './scrub-address.ts'
import { scrubWords } from './scrub-words.ts'

/** A place in the code, as it may be told. */
export interface Frame {
  /** Empty where it has no name. */
  name: string
  /** Path of the file; with its origin where that is not the page's. */
  source: string
  line: number
  column: number
}

const MOST_FRAMES = 8
/** Lines that are looked at; a message may fill the first ones. */
const MOST_LINES = 64
const MOST_LINE_CHARACTERS = 512

/** Chrome, Edge: `at name (address:1:2)`, `at address:1:2`. */
const CHROME = /^\s*at (?:async )?(?:(.*?) \()?(\S+?):(\d+):(\d+)\)?$/
/** Firefox, Safari: `name@address:1:2`. */
const GECKO = /^([^@]*)@(\S+?):(\d+):(\d+)$/
const NAME = /^[\w$.<>[\] /*#-]{1,96}$/
/** Requests of the page go through our own script-tag files: not where they fail. */
const OWN_FILE = /\/helloagain(?:-\w+)?(?:\.[\da-f]{12})?\.js(?:\?|$)/
const ADDRESS = /^(?:[a-z][\w+.-]*:|\/)/i

/** The address as it is told: without secrets, and as a path where it is the page's own. */
export function tellSource(address: string, pageOrigin: string): string {
  const source = scrubAddress(address).slice(0, 256)
  return source.startsWith(`${pageOrigin}/`) ? source.slice(pageOrigin.length) : source
}

/** The topmost frames of a stack; what is no frame of a file (native code, `eval`, lines of the message) is left out. */
export function readFrames(stack: string, pageOrigin: string): Frame[] {
  const frames: Frame[] = []
  for (const text of stack.split('\n', MOST_LINES)) {
    if (text.length > MOST_LINE_CHARACTERS || frames.length === MOST_FRAMES) continue
    const [, name = '', address = '', line, column] = CHROME.exec(text) ?? GECKO.exec(text) ?? []
    if (!ADDRESS.test(address) || OWN_FILE.test(address)) continue
    frames.push({
      name: NAME.test(name) ? scrubWords(name) : '',
      source: tellSource(address, pageOrigin),
      line: Number(line),
      column: Number(column),
    })
  }
  return frames
}
