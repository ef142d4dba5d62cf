import type { UserData } from '@helloagain/protocol'
import type { Uninstall } from '../interceptors/uninstall.ts'

/**
 * A template with its `{field}` places filled; undefined when a value is missing.
 *
 * @example fillTemplate('Welcome back, {firstName}', { firstName: 'Ada' }) // 'Welcome back, Ada'
 */
function fillTemplate(template: string, userData: UserData): string | undefined {
  let isComplete = true
  const text = template.replace(/\{(\w{1,64})\}/g, (_place, name: string) => {
    const value = Object.keys(userData).includes(name) ? userData[name] : undefined
    if (value === undefined || value === '') isComplete = false
    return String(value ?? '')
  })
  return isComplete ? text : undefined
}

/** The template without its places and what leads to them: `Welcome back, {firstName}!` → `Welcome back!`. */
const withoutPlaces = (template: string) => template.replace(/[\s,;:–—-]{0,8}\{\w{1,64}\}/g, '').trim()

/** Hides a welcome until somebody is known. @returns its undo */
export function hideWelcome(element: HTMLElement): Uninstall {
  const wasHidden = element.hidden
  element.hidden = true
  return () => {
    element.hidden = wasHidden
  }
}

/**
 * Shows the welcome with a "Not you?" button (`data-ha-not-you` overrides its words). Text only: nothing of the
 * profile is read as HTML. @returns its undo
 */
export function showWelcome(element: HTMLElement, userData: UserData, onNotYou: () => void): Uninstall {
  const template = element.getAttribute('data-ha-welcome') ?? ''
  const fallback = element.getAttribute('data-ha-welcome-fallback')
  const before = Array.from(element.childNodes)
  const wasHidden = element.hidden

  const { ownerDocument } = element
  const text = ownerDocument.createElement('span')
  text.textContent = fillTemplate(template, userData) ?? fallback ?? withoutPlaces(template)
  const button = ownerDocument.createElement('button')
  button.type = 'button'
  button.className = 'ha-not-you'
  button.textContent = element.getAttribute('data-ha-not-you') || 'Not you?'
  button.addEventListener('click', onNotYou)
  element.replaceChildren(text, ' ', button)
  element.hidden = false
  return () => {
    element.replaceChildren(...before)
    element.hidden = wasHidden
  }
}
