import { v7 } from 'uuid'

/** A new UUIDv7: unique, and in order of time, so that inserts stay in order. */
export const newId = (): string => v7()

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** Whether a text is a UUID of any version. */
export const isUuid = (text: string): boolean => UUID.test(text)
