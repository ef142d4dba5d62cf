import { expect, it } from 'vitest'
import { installPageViews, type PageViewScope } from './page-views.ts'

function openPage() {
  const target = new EventTarget()
  const location = { pathname: '/', search: '', hash: '' }
  const go = (path: string): void => {
    const [, pathname = '', search = '', hash = ''] = /^([^?#]*)(\?[^#]*)?(#.*)?$/.exec(path) ?? []
    Object.assign(location, { pathname, search, hash })
  }
  const history = {
    pushState: (_data: unknown, _title: string, path: string) => go(path),
    replaceState: (_data: unknown, _title: string, path: string) => go(path),
  }
  // A fake of the few members that are used.
  const scope = {
    location,
    history,
    document: new EventTarget(),
    addEventListener: target.addEventListener.bind(target),
    removeEventListener: target.removeEventListener.bind(target),
  } as unknown as PageViewScope
  const views: string[] = []
  const undo = installPageViews(scope, ({ page, route }) => views.push(page + (route ? ` ${route}` : '')))
  return { scope, history, target, views, undo, go }
}

it('reports the page and each change of its path once', () => {
  const { history, target, views, go } = openPage()
  history.pushState(null, '', '/a?utm_source=x&q=1')
  history.replaceState(null, '', '/a?q=2')
  go('/b')
  target.dispatchEvent(new Event('popstate'))
  go('/b#/cart')
  target.dispatchEvent(new Event('hashchange'))
  go('/b#/cart?x=1')
  target.dispatchEvent(new Event('hashchange'))
  expect(views).toEqual(['/', '/a?utm_source=x', '/b', '/b /cart'])
})

it('reports a page that comes back from the back-forward cache again', () => {
  const { target, views } = openPage()
  target.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: false }))
  target.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }))
  expect(views).toEqual(['/', '/'])
})

it('puts the history methods back, and falls silent under a later wrapper', () => {
  const { scope, history, views, undo } = openPage()
  const ours = history.pushState
  const later = (...args: Parameters<typeof ours>) => ours(...args)
  history.pushState = later
  undo()
  history.pushState(null, '', '/a')
  expect(scope.history.pushState).toBe(later)
  expect(views).toEqual(['/'])
})
