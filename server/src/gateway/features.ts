import { Problem } from '../platform/http/problem.ts'
import type { Route } from '../platform/http/route.ts'

const refuse: Route['handler'] = () => {
  throw new Problem('feature.disabled')
}

/**
 * The routes of the features that are on; the others answer 404 `feature.disabled`.
 *
 * @param features names to serve; undefined serves all
 */
export function selectFeatures(
  routes: Readonly<Record<string, readonly Route[]>>,
  features: readonly string[] | undefined,
): Route[] {
  return Object.entries(routes).flatMap(([name, group]) =>
    features === undefined || features.includes(name)
      ? group
      : group.map(({ contract }) => ({ contract, handler: refuse })),
  )
}
