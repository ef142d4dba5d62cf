import { Problem } from '../platform/http/problem.ts'
import type { Route } from '../platform/http/route.ts'

/** Parts of the API that `FEATURES` can leave out. */
export const FEATURES = ['sessions', 'events', 'visitors', 'journey', 'accounts'] as const

export type Feature = (typeof FEATURES)[number]

const refuse: Route['handler'] = () => {
  throw new Problem('feature.disabled')
}

/**
 * The routes of the features that are on; the others answer 404 `feature.disabled`.
 *
 * @param features names to serve; undefined serves all
 */
export function selectFeatures(
  routes: Readonly<Record<Feature, readonly Route[]>>,
  features: readonly Feature[] | undefined,
): Route[] {
  return Object.entries(routes).flatMap(([name, group]) =>
    features === undefined || features.some((feature) => feature === name)
      ? group
      : group.map(({ contract }) => ({ contract, handler: refuse })),
  )
}
