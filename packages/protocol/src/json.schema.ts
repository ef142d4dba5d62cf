import { z } from 'zod'

const NOT_TEXT = 'NUL bytes and lone surrogates are not taken.'

/** Text that every database and log can hold: no NUL, no lone surrogate. */
export function isCleanText(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0')
}

export const cleanText = (maxLength: number) =>
  z.string().max(maxLength).refine(isCleanText, { message: NOT_TEXT })

export interface JsonFault {
  path: (number | string)[]
  message: string
}

interface Node {
  readonly value: unknown
  readonly path: (number | string)[]
}

function faultOf({ value, path }: Node, maxDepth: number): JsonFault | undefined {
  if (typeof value === 'string') return isCleanText(value) ? undefined : { path, message: NOT_TEXT }
  if (typeof value !== 'object' || value === null) return undefined
  if (path.length >= maxDepth) return { path, message: `Nested deeper than ${maxDepth}.` }
  const bad = Object.keys(value).find((key) => key === '__proto__' || !isCleanText(key))
  if (bad === undefined) return undefined
  return bad === '__proto__'
    ? { path: [...path, bad], message: 'The key __proto__ is not taken.' }
    : { path, message: `A key: ${NOT_TEXT}` }
}

/**
 * What keeps a parsed JSON value from being stored: too deep, a `__proto__` key (prototype pollution),
 * or text that is no text. Iterative, so that depth cannot exhaust the stack.
 *
 * @returns the fault with its path, or undefined
 */
export function findJsonFault(root: unknown, maxDepth: number): JsonFault | undefined {
  const open: Node[] = [{ value: root, path: [] }]
  for (let node = open.pop(); node; node = open.pop()) {
    const fault = faultOf(node, maxDepth)
    if (fault) return fault
    if (typeof node.value !== 'object' || node.value === null) continue
    for (const [key, value] of Object.entries(node.value)) open.push({ value, path: [...node.path, key] })
  }
  return undefined
}

/** Any JSON value within a depth and a size in bytes. */
export const jsonValue = (maxDepth: number, maxBytes: number) =>
  z.unknown().superRefine((value, context) => {
    const fault = findJsonFault(value, maxDepth)
    if (fault) context.addIssue({ code: 'custom', ...fault })
    else if (new TextEncoder().encode(JSON.stringify(value) ?? '').length > maxBytes) {
      context.addIssue({ code: 'custom', message: `Larger than ${maxBytes} bytes.` })
    }
  })
