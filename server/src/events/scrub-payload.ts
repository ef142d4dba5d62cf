import type { EventPayload } from '@helloagain/protocol'
import { scrubText, scrubUrl } from './scrub-url.ts'

/** Fields that hold an address, also a relative one. */
const ADDRESS_FIELD =
  /^(?:page|path|pathname|url|uri|href|src|link|location|referr?er|action|previous_?page|from_?page|to_?page)$|(?:_|[a-z])(?:url|uri|href|referr?er|path|page)$/i

// `[::1]`-like or prose never starts so; a title such as "Home" stays as it is.
const LOOKS_LIKE_ADDRESS = /^[./?#]|[?#/]|^\S+@/

function scrubString(text: string, field: string): string {
  return ADDRESS_FIELD.test(field) && LOOKS_LIKE_ADDRESS.test(text) ? scrubUrl(text) : scrubText(text)
}

/** Copies only what changes: most payloads pass as they are. Depth is bounded by the check before. */
function scrubValue(value: unknown, field: string): unknown {
  if (typeof value === 'string') return scrubString(value, field)
  if (typeof value !== 'object' || value === null) return value
  return Array.isArray(value) ? scrubList(value, field) : scrubRecord(value as Record<string, unknown>)
}

function scrubList(list: readonly unknown[], field: string): readonly unknown[] {
  const scrubbed = list.map((entry) => scrubValue(entry, field))
  return scrubbed.some((entry, index) => entry !== list[index]) ? scrubbed : list
}

function scrubRecord(record: Record<string, unknown>): Record<string, unknown> {
  let scrubbed = record
  for (const key of Object.keys(record)) {
    const value = record[key]
    const clean = scrubValue(value, key)
    if (clean === value) continue
    if (scrubbed === record) scrubbed = { ...record }
    scrubbed[key] = clean
  }
  return scrubbed
}

/** What FORM_PROGRESS says of the form rather than of the person; everything else is a field of the form. */
const ABOUT_THE_FORM = new Set([
  'answersCount',
  'completed',
  'completion',
  'durationMs',
  'fieldsCompleted',
  'fieldsCount',
  'fieldsTotal',
  'formId',
  'formType',
  'page',
  'progress',
  'quizType',
  'referrer',
  'step',
  'timestamp',
  'totalSteps',
  'url',
  'userAgent',
])
const FIELD_NAME = /^[A-Za-z_][\w.[\]:-]{0,63}$/
const NAMING_KEYS = ['name', 'field', 'fieldName', 'id'] as const
const SINGLE_FIELD_KEYS = new Set(['field', 'fieldName', 'lastField'])
const isFieldName = (value: unknown): value is string => typeof value === 'string' && FIELD_NAME.test(value)

/** Names of fields in whatever shape a page reports them: names, `{ name, value }` pairs, or a record of values. */
function namesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  if (!Array.isArray(value)) return Object.keys(value).filter(isFieldName)
  return value.flatMap((entry) => {
    if (typeof entry !== 'object' || entry === null) return isFieldName(entry) ? [entry] : []
    const named = NAMING_KEYS.map((key) => (entry as Record<string, unknown>)[key]).find(isFieldName)
    return named === undefined ? [] : [named]
  })
}

/** The field names that one entry of a FORM_PROGRESS payload tells. */
function namesOf(key: string, value: unknown): string[] {
  if (key === 'fields' || key === 'values') return namesIn(value)
  return [SINGLE_FIELD_KEYS.has(key) ? value : key].filter(isFieldName)
}

const isAboutTheForm = (key: string, value: unknown) =>
  typeof value !== 'object' && (ABOUT_THE_FORM.has(key) || (SINGLE_FIELD_KEYS.has(key) && isFieldName(value)))

/** FORM_PROGRESS carries field names, never values: whatever is no statement about the form becomes a name. */
function namesOnly(payload: EventPayload): EventPayload {
  const entries = Object.entries(payload)
  const told = Object.fromEntries(entries.filter(([key, value]) => isAboutTheForm(key, value)))
  const fields = new Set(
    entries.filter(([key]) => !ABOUT_THE_FORM.has(key)).flatMap(([key, value]) => namesOf(key, value)),
  )
  return fields.size > 0 ? { ...told, fields: [...fields] } : told
}

/** A payload as it may be stored: addresses without secrets, forms without values. The same object if it is so. */
export const scrubPayload = (eventType: string, payload: EventPayload): EventPayload =>
  scrubRecord(eventType === 'FORM_PROGRESS' ? namesOnly(payload) : payload)
