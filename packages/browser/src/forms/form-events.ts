import type { Uninstall } from '../interceptors/uninstall.ts'
import { type FormField, findFieldName, isEmpty, isSensitive, listFields } from '../profile/form-field.ts'
import { PREFILL_MARK } from '../profile/write-field.ts'
import type { FormsPort } from './forms-port.ts'

/** A pause after which completed fields are told, so that tabbing through a form is one event. */
const PROGRESS_PAUSE_MS = 800
const MAX_FIELDS = 64

/**
 * Tracks FORM_STARTED at the first answer, and FORM_PROGRESS when fields were completed: their names, never
 * their values. What prefill wrote counts as neither.
 */
export function trackForm(
  form: HTMLFormElement,
  formType: string,
  port: Pick<FormsPort, 'track'>,
): Uninstall {
  let hasStarted = false
  let timer: ReturnType<typeof setTimeout> | undefined
  const told = new Set<string>()
  const fresh = new Set<string>()

  const tell = () => {
    clearTimeout(timer)
    timer = undefined
    if (fresh.size === 0) return
    const fields = [...fresh]
    for (const name of fresh) told.add(name)
    fresh.clear()
    port.track('FORM_PROGRESS', {
      formType,
      fields,
      fieldsCompleted: told.size,
      fieldsTotal: countFields(form),
    })
  }
  const onInput = (event: Event) => {
    if (PREFILL_MARK in event || hasStarted) return
    hasStarted = true
    port.track('FORM_STARTED', { formType })
  }
  const onChange = (event: Event) => {
    if (PREFILL_MARK in event) return
    onInput(event)
    const field = listFields(form).find((candidate) => candidate === event.target)
    const name = field && tellableName(field)
    if (!field || name === undefined || told.has(name) || fresh.size >= MAX_FIELDS) return
    if (isEmpty(field)) fresh.delete(name)
    else fresh.add(name)
    clearTimeout(timer)
    timer = setTimeout(tell, PROGRESS_PAUSE_MS)
  }
  const listeners = { input: onInput, change: onChange, submit: tell }
  for (const [type, listener] of Object.entries(listeners)) form.addEventListener(type, listener, true)
  // A page that is left or hidden may not come back.
  addEventListener('pagehide', tell)
  return () => {
    tell()
    for (const [type, listener] of Object.entries(listeners)) form.removeEventListener(type, listener, true)
    removeEventListener('pagehide', tell)
  }
}

const tellableName = (field: FormField) => (isSensitive(field) ? undefined : findFieldName(field))

const countFields = (form: HTMLFormElement) =>
  new Set(
    listFields(form)
      .map(tellableName)
      .filter((name) => name !== undefined),
  ).size
