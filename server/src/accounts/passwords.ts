import { randomBytes } from 'node:crypto'
import { hash as argonHash, verify as argonVerify, parseOptions } from '@node-rs/argon2'
import { createHashQueue, type HashQueueOptions } from './hash-queue.ts'
import { checkPassword, checkPasswordLength, normalisePassword } from './password-policy.ts'
import type { Passwords } from './ports.ts'

/** Costs of Argon2id. */
export interface PasswordCosts {
  /** KiB. */
  readonly memoryCost: number
  readonly timeCost: number
  readonly parallelism: number
}

/** OWASP Password Storage Cheat Sheet, the least it recommends; 6 ms on one core of 2026. */
export const DEFAULT_COSTS: PasswordCosts = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }

export interface PasswordOptions extends HashQueueOptions {
  readonly costs?: PasswordCosts
  /** Argon2 itself; tests count its calls. */
  readonly argon?: { readonly hash: typeof argonHash; readonly verify: typeof argonVerify }
}

// Argon2id by its number: the package's const enum does not exist at run time.
const ARGON2ID = 2

/** Passwords under Argon2id (RFC 9106); the parameters stand in each hash. */
export function createPasswords(options: PasswordOptions = {}): Passwords {
  const { costs = DEFAULT_COSTS, argon = { hash: argonHash, verify: argonVerify } } = options
  const queue = createHashQueue(options)
  let decoy: Promise<string> | undefined

  /** A hash of nobody's password under the costs of now: who verifies against it works as hard as with a real one. */
  function readDecoy(): Promise<string> {
    decoy ??= argonHash(randomBytes(32), costs)
    return decoy
  }

  return {
    check: checkPassword,
    hash: (password) => queue.run(() => argon.hash(normalisePassword(password), costs)),
    async verify(hash, password) {
      checkPasswordLength(password)
      const normal = normalisePassword(password)
      // Made with the first log-in of any kind, so that not even that one tells known from unknown.
      const decoyHash = await readDecoy()
      const against = hash ?? decoyHash
      const fits = await queue.run(() => argon.verify(against, normal))
      return fits && typeof hash === 'string'
    },
    isWeaker(hash) {
      const { algorithm, memoryCost, timeCost, parallelism } = parseOptions(hash)
      const isOtherKind: boolean = (algorithm as number) !== ARGON2ID || parallelism !== costs.parallelism
      return isOtherKind || memoryCost < costs.memoryCost || timeCost < costs.timeCost
    },
  }
}
