import type { SignalKind } from './signals.ts'
import { digestText } from './text-digest.ts'

/** A value in normal form, as it travels on the wire. */
export type NormalValue = boolean | number | string | readonly (number | string)[]

const MAX_TEXT_LENGTH = 256
const MAX_USER_AGENT_LENGTH = 1024
const MAX_SET_SIZE = 256
const MAX_LANGUAGES = 10
const MAX_LANGUAGE_LENGTH = 35
const MAX_DIGEST_LENGTH = 64
/** Characters of an image or object that are hashed; bounds the work a hostile body can ask for. */
const MAX_DIGESTED_LENGTH = 32_768
const MAX_DIGEST_DEPTH = 6
const MAX_COUNT = 65_536
/**
 * CSS pixels. Odd sizes (window managers, virtual machines) are the rare, telling ones: rounding to 50 gives
 * them the value of their neighbours and keeps the common sizes apart.
 */
const SCREEN_STEP = 50

/** One value brought into normal form; undefined when it is no value of its kind. */
export function normalizeValue(kind: SignalKind, value: unknown): NormalValue | undefined {
  return NORMALIZERS[kind](value)
}

const NORMALIZERS: Record<SignalKind, (value: unknown) => NormalValue | undefined> = {
  count: (value) => {
    const number = readNumber(value)
    return number === undefined || Math.abs(number) > MAX_COUNT ? undefined : Math.round(number) + 0
  },
  ratio: (value) => {
    const number = readNumber(value)
    return number === undefined || number < 0.01 || number > MAX_COUNT
      ? undefined
      : Math.round(number * 100) / 100
  },
  flag: (value) => (typeof value === 'boolean' ? value : undefined),
  text: (value) => cleanText(typeof value === 'number' ? readNumber(value) : value, MAX_TEXT_LENGTH),
  userAgent: (value) => {
    const text = cleanText(value, MAX_USER_AGENT_LENGTH)
    // Versions go: Chrome's major changes every 14 days, and an update must not make a new person.
    return text && cleanText(text.replace(/([/ :])\d[\d._]*/g, '$1'), MAX_USER_AGENT_LENGTH)
  },
  screen: readScreen,
  languages: readLanguages,
  set: (value) => {
    const items = typeof value === 'string' ? value.split(',') : value
    if (!Array.isArray(items)) return undefined
    const texts = items.slice(0, 4 * MAX_SET_SIZE).map((item) => cleanText(item, MAX_TEXT_LENGTH))
    return [...new Set(texts.filter((text) => text !== undefined))].sort().slice(0, MAX_SET_SIZE)
  },
  digest: (value) => {
    if (typeof value === 'number') return readNumber(value)?.toString()
    if (typeof value === 'object' && value !== null) return digest(stableText(value, 0))
    const text = cleanText(value, MAX_DIGESTED_LENGTH)
    return text !== undefined && text.length > MAX_DIGEST_LENGTH ? digest(text) : text
  },
}

const digest = (text: string) => digestText(text.slice(0, MAX_DIGESTED_LENGTH))

function readNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined
  if (typeof value !== 'string' || value.length > 32 || value.trim() === '') return undefined
  const number = Number(value)
  return Number.isFinite(number) ? number : undefined
}

/** Well-formed text without NUL, trimmed and cut; undefined when nothing is left. */
function cleanText(value: unknown, maxLength: number): string | undefined {
  const text = typeof value === 'number' ? String(value) : value
  if (typeof text !== 'string') return undefined
  const cut = wellFormed(text.slice(0, 2 * maxLength).replace(/\0/g, ''))
    .normalize('NFC')
    .trim()
    .slice(0, maxLength)
  return wellFormed(cut).trimEnd() || undefined
}

// String.prototype.toWellFormed is missing before Safari 16.4 and Chrome 111. With the u flag a pair is one
// character, so only lone surrogates match.
const wellFormed = (text: string) => text.replace(/[\uD800-\uDFFF]/gu, '\uFFFD')

function readScreen(value: unknown): NormalValue | undefined {
  const pair = readPair(value)?.map(readNumber)
  const [first, second] = pair ?? []
  if (first === undefined || second === undefined) return undefined
  if (Math.min(first, second) < 1 || Math.max(first, second) > MAX_COUNT) return undefined
  const round = (pixels: number) => Math.max(SCREEN_STEP, Math.round(pixels / SCREEN_STEP) * SCREEN_STEP)
  // Long side first: turning a phone changes nothing.
  return [round(Math.max(first, second)), round(Math.min(first, second))]
}

function readPair(value: unknown): unknown[] | undefined {
  if (typeof value === 'string') return value.length <= 32 ? value.split(/[x×,]/).slice(0, 2) : undefined
  if (Array.isArray(value)) return value.slice(0, 2)
  return typeof value === 'object' && value !== null && 'width' in value && 'height' in value
    ? [value.width, value.height]
    : undefined
}

function readLanguages(value: unknown): NormalValue | undefined {
  const items = typeof value === 'string' ? value.slice(0, 1024).split(',') : value
  if (!Array.isArray(items)) return undefined
  // FingerprintJS answers a list of lists; Accept-Language carries weights after a semicolon.
  const texts = items
    .slice(0, 64)
    .flatMap((item: unknown) => (Array.isArray(item) ? item.slice(0, 8) : [item]))
    .map((item: unknown) =>
      cleanText(typeof item === 'string' ? item.split(';')[0] : undefined, MAX_LANGUAGE_LENGTH),
    )
  const languages = [...new Set(texts.filter((text) => text !== undefined))].slice(0, MAX_LANGUAGES)
  return languages.length > 0 ? languages : undefined
}

/** JSON with sorted keys, cut off below a depth, so that key order and nesting bombs change nothing. */
function stableText(value: unknown, depth: number): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  if (depth >= MAX_DIGEST_DEPTH) return 'null'
  const inner = (item: unknown) => stableText(item, depth + 1)
  if (Array.isArray(value)) return `[${value.slice(0, 1024).map(inner).join()}]`
  const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1))
  return `{${entries
    .slice(0, 1024)
    .map(([key, item]) => `${JSON.stringify(key)}:${inner(item)}`)
    .join()}}`
}
