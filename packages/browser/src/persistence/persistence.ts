import { quietly } from '../platform/quietly.ts'

/** Small texts by key. Nothing throws: where the browser refuses, nothing is there and nothing is kept. */
export interface Persistence {
  /** The text, or undefined where there is none. */
  get(key: string): string | undefined
  /** Keeps the text. @returns false where the browser refused (quota, blocked storage) */
  set(key: string, text: string): boolean
  /** Forgets the text; no matter whether there was one. */
  remove(key: string): void
  /** All keys, also those of others, in any order. */
  keys(): string[]
}

/** The JSON object kept under a key; undefined where there is none or it is damaged. */
export function readJson<T extends object>(
  store: Pick<Persistence, 'get'>,
  key: string,
): Partial<T> | undefined {
  const value: unknown = quietly(() => JSON.parse(store.get(key) ?? ''))
  return typeof value === 'object' && value ? (value as Partial<T>) : undefined
}
