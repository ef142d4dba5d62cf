import type { UserData } from '@helloagain/protocol'
import type { KnownPerson } from '../forms/forms-port.ts'
import {
  type FormField,
  findProfileField,
  isEmpty,
  isSensitive,
  isVisible,
  listFields,
} from './form-field.ts'
import { maskEmail } from './mask-email.ts'
import { writeField } from './write-field.ts'

/** Rule S3: after a month a computer may have another owner. */
const PREFILL_MAX_AGE_MS = 30 * 86_400_000

/** What a prefill did to one form. */
export interface Prefilled {
  /** Fields that were filled. */
  count: number
  /** Empties what was filled and not changed since, and lifts masks. */
  clear(): void
}

/** The profile that may be shown on this page; undefined without proof, or when the last visit is over 30 days ago. */
export function findShowable(person: KnownPerson | undefined, nowMs: number): UserData | undefined {
  if (!person || person.restricted || !person.userData || person.lastSeen === null) return undefined
  const ageMs = nowMs - Date.parse(person.lastSeen)
  // An unreadable date gives NaN, which is not within any age.
  return ageMs <= PREFILL_MAX_AGE_MS ? person.userData : undefined
}

/**
 * Fills the empty, visible fields of a form under rule S3: never password, hidden, payment, one-time-code or file
 * fields, never a consent box; e-mail addresses are masked until they are focused.
 */
export function fillForm(form: HTMLFormElement, userData: UserData): Prefilled {
  const undos = listFields(form)
    .map((field) => fillField(field, userData))
    .filter((undo) => undo !== undefined)
  return {
    count: undos.length,
    clear() {
      for (const undo of undos.splice(0)) undo()
    },
  }
}

function fillField(field: FormField, userData: UserData): (() => void) | undefined {
  if (!isFillable(field)) return undefined
  const name = findProfileField(field, Object.keys(userData))
  const value = name === undefined ? undefined : userData[name]
  if (value === undefined || value === null || value === '') return undefined
  const undo = writeField(field, value)
  if (!undo) return undefined
  const isEmail = name === 'email' || field.type === 'email'
  const lift = isEmail && field instanceof HTMLInputElement ? maskEmail(field) : undefined
  return () => {
    lift?.()
    undo()
  }
}

function isFillable(field: FormField): boolean {
  const isReadOnly = !(field instanceof HTMLSelectElement) && field.readOnly
  // `:disabled` knows fieldsets too. A focused field is the person's, even while it is empty.
  if (isReadOnly || field.matches(':disabled') || field === field.ownerDocument.activeElement) return false
  return isEmpty(field) && !isSensitive(field) && isVisible(field)
}
