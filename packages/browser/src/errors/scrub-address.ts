import { MASK, scrubWords } from './scrub-words.ts'

const ORIGIN = /^([a-z][\w+.-]*:)?\/\/[^/?#]*/i
const SCRIPT_FILE = /\.(?:[cm]?[jt]sx?|css|html?|svelte|vue|wasm)$/i

/** Bundlers put a hash of up to 20 digits into file names; without it a stack fits no source map. */
const isFileName = (part: string): boolean =>
  SCRIPT_FILE.test(part) &&
  part.split(/[.-]/).every((word) => /^[\w$~]{0,20}$/.test(word) && !/^\d{7,}$/.test(word))

function scrubPart(part: string): string {
  // Matrix parameters (`;jsessionid=…`) are a query in another place.
  const [name = ''] = part.split(';', 1)
  return isFileName(name) || scrubWords(name) === name ? name : MASK
}

/**
 * An address without query, fragment and credentials, and with a mask for parts of its path that name a person or let
 * one in. What holds its content in itself (`data:`) or means nothing elsewhere (`blob:`) keeps its scheme alone;
 * of a file on a disk the name is left, as folders are named after people.
 */
export function scrubAddress(address: string): string {
  const opaque = /^(?:data|blob|javascript):/i.exec(address)
  if (opaque) return opaque[0] + MASK
  const [bare = ''] = address.split(/[?#]/, 1)
  const origin = ORIGIN.exec(bare)?.[0] ?? ''
  const parts = bare.slice(origin.length).split('/').map(scrubPart)
  if (/^file:/i.test(origin)) parts.splice(1, parts.length - 2)
  return origin.replace(/\/\/.*@/, '//') + parts.join('/')
}
