import { createHash, randomBytes } from 'node:crypto'
import type { ServerKeys } from '../platform/crypto/server-keys.ts'

const SHAPE = /^rt_[A-Za-z0-9_-]{43}$/

/** 256 bits that nobody can guess (SECURITY.md R25). */
export const newRefreshToken = (): string => `rt_${randomBytes(32).toString('base64url')}`

export const isRefreshToken = (text: string): boolean => SHAPE.test(text)

export const hashRefreshToken = (token: string): string =>
  createHash('sha256').update(token).digest('base64url')

/**
 * The one token that follows another. It is reckoned, not drawn, so that it can be handed out again within the grace
 * time although only hashes are stored (SECURITY.md R36); without the parent itself and the server's key nobody can reckon it.
 */
export const successorOf = (keys: ServerKeys, parent: string, familyId: string): string =>
  `rt_${keys.mac('refresh-successor', `${familyId}\n${parent}`).toString('base64url')}`
