import type { FormsPort } from './forms/forms-port.ts'
import { fillForm, findShowable } from './profile/prefill.ts'

export type { FormsPort } from './forms/forms-port.ts'
// biome-ignore lint/performance/noBarrelFile: the door of a part that is loaded later.
export { installForms } from './forms/install-forms.ts'

/**
 * Fills the empty fields of a form with what is known of the person, under rule S3.
 *
 * @returns how many fields were filled; 0 without proof, or when the last visit is over 30 days ago
 */
export async function prefill(
  form: HTMLFormElement,
  port: Pick<FormsPort, 'onReset' | 'userData'>,
): Promise<number> {
  let wasReset = false
  const watching = port.onReset?.(() => {
    wasReset = true
  })
  const userData = findShowable(await port.userData(), Date.now())
  watching?.()
  if (!userData || wasReset) return 0
  const { count, clear } = fillForm(form, userData)
  // Who signs out on a shared computer leaves nothing in the fields.
  const stop = port.onReset?.(() => {
    clear()
    stop?.()
  })
  return count
}
