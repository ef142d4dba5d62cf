import { z } from 'zod'

/** Text that every database and log can hold: no NUL, no lone surrogate. */
export function isCleanText(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0')
}

export const cleanText = (maxLength: number) =>
  z.string().max(maxLength).refine(isCleanText, { message: 'NUL bytes and lone surrogates are not taken.' })

/**
 * What keeps a parsed JSON value from being stored: too deep, a `__proto__` key (prototype pollution),
 * or text that is no text. Iterative, so that depth cannot exhaust the stack.
 *
 * @returns the fault with its path, or undefined
 */
export function findJsonFault(
  root: unknown,
  maxDepth: number,
): { path: (number | string)[]; message: string } | undefined {
  const open: { value: unknown; path: (number | string)[] }[] = [{ value: root, path: [] }]
  for (let next = open.pop(); next; next = open.pop()) {
    const { value, path } = next
    if (typeof value === 'string' && !isCleanText(value)) {
      return { path, message: 'NUL bytes and lone surrogates are not taken.' }
    }
    if (typeof value !== 'object' || value === null) continue
    if (path.length >= maxDepth) return { path, message: `Nested deeper than ${maxDepth}.` }
    for (const [key, inner] of Object.entries(value)) {
      if (key === '__proto__') return { path: [...path, key], message: 'The key __proto__ is not taken.' }
      if (!isCleanText(key)) {
        return { path, message: 'A key holds NUL bytes or lone surrogates.' }
      }
      open.push({ value: inner, path: [...path, key] })
    }
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
