import type { ProfileValue } from '@helloagain/protocol'
import type { Uninstall } from '../interceptors/uninstall.ts'
import { findFieldName, isEmpty, isSensitive, listFields } from '../profile/form-field.ts'
import { writeField } from '../profile/write-field.ts'
import type { FormsPort } from './forms-port.ts'

const SAVE_PAUSE_MS = 1000
const MAX_VALUE_LENGTH = 2048

/** Saves the answers of a form while it is filled in, and puts them back into empty fields on the next visit. */
export function keepProgress(form: HTMLFormElement, name: string, port: FormsPort): Uninstall {
  const { saveProgress, resume } = port
  if (!saveProgress || !resume) return () => undefined
  let isClosed = false
  let timer: ReturnType<typeof setTimeout> | undefined
  const save = () => {
    clearTimeout(timer)
    timer = undefined
    saveProgress(name, { fields: readAnswers(form) }).catch(() => undefined)
  }
  const saveSoon = () => {
    clearTimeout(timer)
    timer = setTimeout(save, SAVE_PAUSE_MS)
  }
  const saveNow = () => {
    if (timer !== undefined) save()
  }
  form.addEventListener('change', saveSoon)
  addEventListener('pagehide', saveNow)
  resume(name).then(
    (state) => {
      if (!isClosed) restoreAnswers(form, state)
    },
    () => undefined,
  )
  return () => {
    isClosed = true
    saveNow()
    form.removeEventListener('change', saveSoon)
    removeEventListener('pagehide', saveNow)
  }
}

function readAnswers(form: HTMLFormElement): Record<string, ProfileValue> {
  const answers = new Map<string, ProfileValue>()
  for (const field of listFields(form)) {
    const fieldName = findFieldName(field)
    if (fieldName === undefined || isSensitive(field) || isEmpty(field)) continue
    const isTick = field instanceof HTMLInputElement && /^(?:checkbox|radio)$/.test(field.type)
    if (!isTick) answers.set(fieldName, field.value.slice(0, MAX_VALUE_LENGTH))
    else if (field.checked) answers.set(fieldName, field.type === 'radio' ? field.value : true)
  }
  return Object.fromEntries(answers)
}

function restoreAnswers(form: HTMLFormElement, state: unknown): void {
  const fields = typeof state === 'object' && state !== null && 'fields' in state ? state.fields : undefined
  if (typeof fields !== 'object' || fields === null) return
  const answers = new Map<string, unknown>(Object.entries(fields))
  for (const field of listFields(form)) {
    const value = answers.get(findFieldName(field) ?? '')
    const isValue = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    if (isValue && isEmpty(field) && !isSensitive(field)) writeField(field, value)
  }
}
