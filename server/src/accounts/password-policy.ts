import { dictionary } from '@zxcvbn-ts/language-common'
import { Problem } from '../platform/http/problem.ts'
import type { Person } from './ports.ts'

/** The password is the only factor: NIST SP 800-63B-4 §3.1.1.2, SECURITY.md R1. */
const MIN_PASSWORD_LENGTH = 15
/** Checked before hashing, so that nobody can make us hash a novel (SECURITY.md R2). */
const MAX_PASSWORD_LENGTH = 256

const PRODUCT_WORDS = ['hello again', 'helloagain']
// Shorter words stand in too many good passwords by chance.
const MIN_WORD_LENGTH = 4

const common: ReadonlySet<string> = new Set(dictionary['passwords-common'])

/** The one form a password is hashed in: NFKC, nothing trimmed, no case changed (SECURITY.md R4). */
export const normalisePassword = (password: string): string => password.normalize('NFKC')

/** @throws Problem `accounts.password_too_long` */
export function checkPasswordLength(password: string): void {
  if ([...password].length > MAX_PASSWORD_LENGTH) throw new Problem('accounts.password_too_long')
}

/** The part a text repeats from end to end, for example `abc` of `abcabcabc`; the text itself if it does not. */
function repeatedPart(text: string): string {
  const period = (text + text).indexOf(text, 1)
  return period > 0 && text.length % period === 0 ? text.slice(0, period) : text
}

/** `abcdefgh…`, `987654321…`, also round the corner from 9 to 0. */
function isRun(text: string): boolean {
  const codes = [...text].map((character) => character.codePointAt(0) ?? 0)
  const step = (codes[1] ?? 0) - (codes[0] ?? 0)
  if (Math.abs(step) !== 1) return false
  return codes.slice(1).every((code, index) => {
    const moved = code - (codes[index] ?? 0)
    return moved === step || moved === -9 * step
  })
}

function isCommon(password: string): boolean {
  const lower = password.toLowerCase()
  const part = repeatedPart(lower)
  const isRepeated = part.length < lower.length
  return (
    common.has(lower) ||
    isRun(lower) ||
    (isRepeated && (part.length < MIN_PASSWORD_LENGTH / 2 || common.has(part)))
  )
}

const lettersOf = (text: string) =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '')

function containsPersonalWord(password: string, { email, firstName, username, siteName }: Person): boolean {
  const words = [email.split('@', 1)[0], firstName, username, siteName, ...PRODUCT_WORDS]
  const letters = lettersOf(password)
  return words
    .map((word) => lettersOf(word ?? ''))
    .some((word) => [...word].length >= MIN_WORD_LENGTH && letters.includes(word))
}

/** @throws Problem `accounts.password_too_short`, `…_too_long`, `…_common`, `…_personal` */
export function checkPassword(password: string, person: Person): void {
  checkPasswordLength(password)
  const normal = normalisePassword(password)
  if ([...normal].length < MIN_PASSWORD_LENGTH) throw new Problem('accounts.password_too_short')
  if (isCommon(normal)) throw new Problem('accounts.password_common')
  if (containsPersonalWord(normal, person)) throw new Problem('accounts.password_personal')
}
