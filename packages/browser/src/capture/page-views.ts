import { type Callable, installLayer, type Layer } from '../interceptors/layer.ts'
import type { Uninstall } from '../interceptors/uninstall.ts'
import { listen } from '../platform/listen.ts'
import { cleanAddress, findHashRoute } from '../platform/page-address.ts'

/** What a page view tells. */
export interface PageView {
  /** Path and `utm_*`, nothing else of the query. */
  page: string
  /** Route of an application that keeps it in the fragment (`#/cart`). */
  route?: string
}

export type PageViewScope = Pick<
  Window,
  'addEventListener' | 'history' | 'location' | 'removeEventListener'
> & {
  document: Pick<Document, 'addEventListener' | 'removeEventListener'> & { prerendering?: boolean }
}

/** The page as it is now. */
export function readPageView({ location }: Pick<PageViewScope, 'location'>): PageView {
  const route = findHashRoute(location.hash)
  return { page: cleanAddress(location.pathname + location.search), ...(route && { route }) }
}

const tellAfterwards = (layer: Layer<() => void>): Callable =>
  function (this: unknown, ...args) {
    layer.original.apply(this, args)
    layer.user?.()
  }

/**
 * Reports the page now, and each change of its path: History API, back and forward, hash routes, and a page
 * that comes back from the back-forward cache. The same path twice in a row is one view; a changed
 * query or anchor is none. A prerendered page counts when it is shown.
 */
export function installPageViews(scope: PageViewScope, onView: (view: PageView) => void): Uninstall {
  const { document, history, location } = scope
  let lastPath = ''
  const report = (): void => {
    const view = readPageView(scope)
    const path = location.pathname + (view.route ?? '')
    if (path === lastPath) return
    lastPath = path
    onView(view)
  }
  const restored = (event: PageTransitionEvent): void => {
    if (!event.persisted) return
    lastPath = ''
    report()
  }
  const undos = [
    ...['pushState', 'replaceState'].map((name) =>
      installLayer(history, name, { user: report, wrap: tellAfterwards }),
    ),
    listen(scope, 'popstate', report),
    listen(scope, 'hashchange', report),
    listen(scope, 'pageshow', restored),
    // Fires once, when a prerendered page is shown.
    listen(document, 'prerenderingchange', report),
  ]
  if (!document.prerendering) report()
  return () => {
    for (const undo of undos) undo()
  }
}
