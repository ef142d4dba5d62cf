/** `jane@example.com` → `j•••@example.com`; the length of the name is not told. */
function maskedEmail(email: string): string {
  const at = email.lastIndexOf('@')
  const [first = ''] = email
  return at < 1 ? '•••' : `${first}•••${email.slice(at)}`
}

const HIDDEN_TEXT = { color: 'transparent', '-webkit-text-fill-color': 'transparent', 'text-shadow': 'none' }
const COPIED = ['direction', 'font', 'letterSpacing', 'lineHeight', 'textAlign', 'textTransform'] as const

/**
 * Shows a masked address over the field until it is focused or changed.
 *
 * The field holds the real value all the time, with its text made transparent: swapping values would
 * let a masked address reach validation, frameworks or a submit by script, and be stored. The mask keeps
 * on-lookers out, not scripts of the page. Styles are set by property, which a strict CSP allows.
 *
 * @returns its undo
 */
export function maskEmail(field: HTMLInputElement): () => void {
  const label = field.ownerDocument.createElement('ha-mask')
  const hadStyle = field.hasAttribute('style')
  const before = Object.keys(HIDDEN_TEXT).map(
    (name) => [name, field.style.getPropertyValue(name), field.style.getPropertyPriority(name)] as const,
  )
  const style = getComputedStyle(field)
  label.textContent = maskedEmail(field.value)
  label.setAttribute('aria-hidden', 'true')
  Object.assign(label.style, {
    position: 'absolute',
    pointerEvents: 'none',
    boxSizing: 'border-box',
    overflow: 'hidden',
    whiteSpace: 'nowrap',
    display: 'flex',
    alignItems: 'center',
    color: style.color,
    ...Object.fromEntries(COPIED.map((name) => [name, style[name]])),
  })
  const place = () => placeOver(label, field)
  const positioned = field.offsetParent ?? field.ownerDocument.body
  positioned.append(label)
  place()
  for (const [name, value] of Object.entries(HIDDEN_TEXT)) field.style.setProperty(name, value, 'important')

  const resize = new ResizeObserver(place)
  resize.observe(field)
  resize.observe(positioned)
  let isLifted = false
  const lift = () => {
    if (isLifted) return
    isLifted = true
    resize.disconnect()
    for (const type of ['focus', 'input', 'change']) field.removeEventListener(type, lift)
    field.form?.removeEventListener('reset', lift)
    label.remove()
    // By property: a strict CSP refuses the attribute, and the page may have changed others meanwhile.
    for (const [name, value, priority] of before) field.style.setProperty(name, value, priority)
    // Asked by attribute: Chromium writes it only when somebody asks, and would bring it back empty.
    if (!hadStyle && field.getAttribute('style') === '') field.removeAttribute('style')
  }
  for (const type of ['focus', 'input', 'change']) field.addEventListener(type, lift)
  field.form?.addEventListener('reset', lift)
  return lift
}

function placeOver(label: HTMLElement, field: HTMLElement): void {
  const style = getComputedStyle(field)
  const edge = (side: 'Bottom' | 'Left' | 'Right' | 'Top') =>
    `${Number.parseFloat(style[`padding${side}`]) + Number.parseFloat(style[`border${side}Width`])}px`
  Object.assign(label.style, {
    left: `${field.offsetLeft}px`,
    top: `${field.offsetTop}px`,
    width: `${field.offsetWidth}px`,
    height: `${field.offsetHeight}px`,
    paddingLeft: edge('Left'),
    paddingRight: edge('Right'),
    paddingTop: edge('Top'),
    paddingBottom: edge('Bottom'),
  })
}
