import type { ProfileValue } from '@helloagain/protocol'
import { type FormField, isSensitive, radioGroup } from './form-field.ts'

/** Marks events of ours, so that form tracking does not take them for the person's typing. */
export const PREFILL_MARK = 'helloAgainPrefill'

/** Writes a value and tells the page as typing would. @returns the undo; undefined where the value does not fit */
export function writeField(field: FormField, value: ProfileValue): (() => void) | undefined {
  if (field instanceof HTMLSelectElement) return chooseOption(field, String(value))
  if (field instanceof HTMLInputElement && field.type === 'radio') return checkRadio(field, String(value))
  if (field instanceof HTMLInputElement && field.type === 'checkbox') return checkBox(field, value)
  return writeText(field, String(value))
}

function writeText(field: HTMLInputElement | HTMLTextAreaElement, text: string): (() => void) | undefined {
  if (field.maxLength >= 0 && text.length > field.maxLength) return undefined
  const before = field.value
  setNatively(field, 'value', text)
  // Browsers empty what is no date or number; and a value the form would not let through helps nobody.
  if (field.value === '' || !field.validity.valid) {
    setNatively(field, 'value', before)
    return undefined
  }
  tell(field)
  const written = field.value
  return () => {
    // What the person changed since is theirs.
    if (field.value !== written) return
    setNatively(field, 'value', before)
    tell(field)
  }
}

function chooseOption(field: HTMLSelectElement, text: string): (() => void) | undefined {
  const wanted = text.trim().toLowerCase()
  const option = Array.from(field.options).find(
    ({ value, text: label, disabled }) =>
      !disabled && (value.toLowerCase() === wanted || label.trim().toLowerCase() === wanted),
  )
  if (!option || option.value === '') return undefined
  const before = field.selectedIndex
  setNatively(field, 'selectedIndex', option.index)
  tell(field)
  return () => {
    if (field.selectedIndex !== option.index) return
    setNatively(field, 'selectedIndex', before)
    tell(field)
  }
}

function checkRadio(field: HTMLInputElement, text: string): (() => void) | undefined {
  const wanted = text.trim().toLowerCase()
  const radio = radioGroup(field).find((peer) => peer.value.toLowerCase() === wanted && !peer.disabled)
  return radio && !isSensitive(radio) ? check(radio) : undefined
}

function checkBox(field: HTMLInputElement, value: ProfileValue): (() => void) | undefined {
  const isYes = value === true || (field.hasAttribute('value') && String(value) === field.value)
  return isYes ? check(field) : undefined
}

function check(field: HTMLInputElement): () => void {
  setNatively(field, 'checked', true)
  tell(field)
  return () => {
    setNatively(field, 'checked', false)
    tell(field)
  }
}

/**
 * Sets a property by the prototype's own setter: React shadows it on the element and takes a value that came through
 * its shadow for one it knows already, so no `onChange` would follow.
 *
 * @see https://github.com/facebook/react/issues/11488
 */
function setNatively(
  field: FormField,
  property: 'checked' | 'selectedIndex' | 'value',
  value: unknown,
): void {
  const descriptor = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), property)
  if (descriptor?.set) descriptor.set.call(field, value)
  else Object.assign(field, { [property]: value })
}

function tell(field: FormField): void {
  for (const type of ['input', 'change']) {
    field.dispatchEvent(
      Object.assign(new Event(type, { bubbles: true, composed: true }), { [PREFILL_MARK]: true }),
    )
  }
}
