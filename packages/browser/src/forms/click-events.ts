import type { Uninstall } from '../interceptors/uninstall.ts'
import type { FormsPort } from './forms-port.ts'

/** Tracks CONTENT_CLICK for clicks on, or within, elements with `data-ha-click`. */
export function trackClicks(root: Document, port: Pick<FormsPort, 'track'>): Uninstall {
  const onClick = (event: Event) => {
    const [target] = event.composedPath()
    const content =
      target instanceof Element && target.closest('[data-ha-click]')?.getAttribute('data-ha-click')
    if (content) port.track('CONTENT_CLICK', { content: content.slice(0, 256) })
  }
  // Capturing: a page's stopPropagation() does not hide the click.
  root.addEventListener('click', onClick, true)
  return () => root.removeEventListener('click', onClick, true)
}
