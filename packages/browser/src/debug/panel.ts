import type { Remark } from './remark.ts'

export interface Panel {
  show(remarks: readonly Remark[]): void
  close(): void
}

const MORE = 'docs/recognition.md#why-was-a-visitor-not-recognised'

// A sheet made by script passes a Content Security Policy that forbids inline styles.
const STYLE = `
:host { all: initial }
section {
  position: fixed; inset: auto 12px 12px auto; z-index: 2147483647; box-sizing: border-box;
  width: min(380px, calc(100vw - 24px)); max-height: min(70vh, 560px); overflow: auto; padding: 12px 16px;
  font: 14px/1.45 system-ui, sans-serif; color: #1b1f24; background: #fff;
  border: 1px solid #6b7280; border-radius: 8px; box-shadow: 0 4px 20px #0003;
}
header { display: flex; align-items: baseline; justify-content: space-between; gap: 12px }
h2 { margin: 0; font-size: 15px }
ul { list-style: none; margin: 8px 0; padding: 0 }
li { margin: 0 0 8px; padding-left: 10px; border-left: 3px solid #9ca3af }
li.good { border-color: #15803d }
li.problem { border-color: #b45309 }
strong { display: block }
p { margin: 0; font-size: 12px }
code { font: 12px ui-monospace, monospace; overflow-wrap: anywhere }
button { font: inherit; color: inherit; background: #f3f4f6; border: 1px solid #6b7280; border-radius: 6px; padding: 2px 10px; cursor: pointer }
button:focus-visible { outline: 2px solid #1d4ed8; outline-offset: 2px }
@media (prefers-color-scheme: dark) {
  section { color: #f3f4f6; background: #1b1f24 }
  button { background: #374151 }
  button:focus-visible { outline-color: #93c5fd }
  li.good { border-color: #4ade80 }
  li.problem { border-color: #fbbf24 }
}`

/** Said before each remark: not everybody sees the colour of its edge. */
const TONES: Readonly<Record<Remark['tone'], string>> = { good: 'Good: ', plain: '', problem: 'Look here: ' }

/** A small panel in the corner, closed off from the page in a shadow root. It takes no focus by itself. */
export function openPanel(document: Document, onLook: () => void): Panel {
  const host = document.createElement('helloagain-debug')
  const root = host.attachShadow({ mode: 'closed' })
  const make = <N extends keyof HTMLElementTagNameMap>(name: N, text = '', ...children: Node[]) => {
    const element = document.createElement(name)
    element.textContent = text
    element.append(...children)
    return element
  }
  const button = (text: string, work: () => void) => {
    const element = make('button', text)
    element.type = 'button'
    element.addEventListener('click', work)
    return element
  }
  const close = (): void => host.remove()
  const heading = make('h2', 'Hello Again: what was seen')
  heading.id = 'heading'
  const items = make('ul')
  // Told as it comes in, without interrupting what is read.
  items.setAttribute('aria-live', 'polite')
  const more = make('p', 'Shown because debug is on. More: ', make('code', MORE), make('br'))
  more.append(button('Look again', onLook))
  const section = make('section', '', make('header', '', heading, button('Close', close)), items, more)
  section.setAttribute('aria-labelledby', heading.id)
  section.addEventListener('keydown', ({ key }) => {
    if (key === 'Escape') close()
  })
  try {
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(STYLE)
    root.adoptedStyleSheets = [sheet]
  } catch {
    // Safari before 16.4: plain, but readable at the end of the page.
  }
  root.append(section)
  // Not into the body: on a slow page there is none yet, and some pages replace theirs.
  document.documentElement.append(host)
  return {
    close,
    show(remarks) {
      const shown = [...items.children]
      remarks.forEach(({ tone, head, text }, index) => {
        const item = make('li', '', make('strong', TONES[tone] + head))
        item.append(text)
        item.className = tone
        // What stays is left alone: a screen reader would read it out once more.
        if (!shown[index]) items.append(item)
        else if (!shown[index].isEqualNode(item)) shown[index].replaceWith(item)
      })
      for (const item of shown.slice(remarks.length)) item.remove()
    },
  }
}
