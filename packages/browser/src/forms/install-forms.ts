import type { UserData } from '@helloagain/protocol'
import type { Uninstall } from '../interceptors/uninstall.ts'
import { fillForm, findShowable, type Prefilled } from '../profile/prefill.ts'
import { trackClicks } from './click-events.ts'
import { trackForm } from './form-events.ts'
import { keepProgress } from './form-progress.ts'
import type { FormsPort } from './forms-port.ts'
import { hideWelcome, showWelcome } from './welcome.ts'

const FORMS = 'form[data-ha-form], form[data-ha-progress]'
const WELCOMES = '[data-ha-welcome]'

/** One element under care. */
interface Tended {
  /** Shows what is known of the person. */
  show(userData: UserData, isReturning: boolean): void
  /** Takes back what was shown of the person. */
  clear(): void
  /** Leaves the element as it was found. */
  release(): void
}

/**
 * Brings the declarative attributes to life, also on elements that appear later: `data-ha-form="signup"` (events
 * and prefill), `data-ha-progress="quiz"` (saved answers), `data-ha-welcome="Welcome back, {firstName}"` and
 * `data-ha-click="hero"`.
 *
 * @returns its undo: the document is then as it was found
 */
export function installForms(port: FormsPort, root: Document = document): Uninstall {
  const tended = new Map<Element, Tended>()
  let generation = 0
  let isScheduled = false
  let isClosed = false

  const startOver = () => {
    generation += 1
    for (const element of tended.values()) element.clear()
  }
  const notYou = () => {
    startOver()
    port.reset()
  }

  /** Asks who is there and shows it on elements that wait for it. */
  async function showPerson(waiting: readonly Tended[]): Promise<void> {
    const asked = generation
    const [person, isReturning] = await Promise.all([port.userData(), port.isReturning()])
    const userData = findShowable(person, Date.now())
    // Somebody pressed "Not you?" while the server answered.
    if (asked !== generation || !userData) return
    for (const element of waiting) element.show(userData, isReturning)
  }
  const ask = (waiting: readonly Tended[]) => {
    if (waiting.length > 0) showPerson(waiting).catch(() => undefined)
  }

  function scan(): void {
    isScheduled = false
    if (isClosed) return
    for (const [element, { release }] of tended) {
      if (!element.isConnected) {
        release()
        tended.delete(element)
      }
    }
    const fresh = Array.from(root.querySelectorAll<HTMLElement>(`${FORMS}, ${WELCOMES}`))
      .filter((element) => !tended.has(element))
      .map((element) => {
        const care =
          element instanceof HTMLFormElement ? tendForm(element, port) : tendWelcome(element, notYou)
        tended.set(element, care)
        return care
      })
    ask(fresh)
  }
  // A page that builds itself changes thousands of nodes in one go; they are looked at once.
  const scanSoon = () => {
    if (isScheduled) return
    isScheduled = true
    setTimeout(scan, 50)
  }

  const observer = new MutationObserver(scanSoon)
  observer.observe(root, {
    childList: true,
    subtree: true,
    // Frameworks may set attributes after the element is in the page.
    attributeFilter: ['data-ha-form', 'data-ha-progress', 'data-ha-welcome'],
  })
  const undos = [
    () => observer.disconnect(),
    trackClicks(root, port),
    port.onRecognized(() => ask([...tended.values()])),
    port.onReset?.(startOver),
  ]
  scan()
  return () => {
    isClosed = true
    generation += 1
    for (const undo of undos) undo?.()
    for (const { release } of tended.values()) release()
    tended.clear()
  }
}

function tendForm(form: HTMLFormElement, port: FormsPort): Tended {
  const formType = form.getAttribute('data-ha-form')
  const progressName = form.getAttribute('data-ha-progress')
  const undos: Uninstall[] = []
  const filled: Prefilled[] = []
  if (formType !== null) undos.push(trackForm(form, formType || 'form', port))
  if (progressName) undos.push(keepProgress(form, progressName, port))

  const clear = () => {
    for (const { clear: clearOne } of filled.splice(0)) clearOne()
  }
  return {
    show(userData) {
      if (formType !== null) filled.push(fillForm(form, userData))
    },
    clear,
    release() {
      for (const undo of undos.splice(0)) undo()
      clear()
    },
  }
}

function tendWelcome(element: HTMLElement, notYou: () => void): Tended {
  const restore = hideWelcome(element)
  let unshow: Uninstall | undefined
  const clear = () => {
    unshow?.()
    unshow = undefined
  }
  return {
    show(userData, isReturning) {
      if (isReturning && !unshow) unshow = showWelcome(element, userData, notYou)
    },
    clear,
    release() {
      clear()
      restore()
    },
  }
}
