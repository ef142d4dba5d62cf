/** How long browsers are followed, by the definitions of FP-Stalker (Vastel et al., S&P 2018, §V). */
export interface Tracking {
  /** Days a browser is followed in a chain, averaged over its chains, then over browsers. */
  readonly averageDays: number
  /** Days in its longest chain, averaged over browsers. */
  readonly maximumDays: number
  /** Share of a chain that its majority browser holds, averaged over chains. */
  readonly ownership: number
  /** Visitors a browser was given, averaged over browsers. */
  readonly idsPerBrowser: number
}

const sum = (values: Iterable<number>) => {
  let total = 0
  for (const value of values) total += value
  return total
}

function count<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

function nested(maps: Map<string, Map<string, number>>, name: string): Map<string, number> {
  const found = maps.get(name) ?? new Map<string, number>()
  maps.set(name, found)
  return found
}

/** A visit by truth and by answer. */
interface Followed {
  readonly browser: string
  readonly visitor: string
}

/**
 * A chain is all that goes by one visitor. A browser seen n times in a chain was followed there for
 * everyDays · (n − 1).
 *
 * @param everyDays days between two visits of a browser; their mean where visits come at random
 */
export function scoreTracking(visits: Iterable<Followed>, everyDays: number): Tracking {
  const chains = new Map<string, Map<string, number>>()
  const browsers = new Map<string, Map<string, number>>()
  for (const { browser, visitor } of visits) {
    count(nested(chains, visitor), browser)
    count(nested(browsers, browser), visitor)
  }
  const followed = [...browsers.values()].map((own) => [...own.values()].map((n) => everyDays * (n - 1)))
  const owned = [...chains.values()].map((own) => Math.max(...own.values()) / sum(own.values()))
  return {
    averageDays: sum(followed.map((days) => sum(days) / days.length)) / followed.length,
    maximumDays: sum(followed.map((days) => Math.max(...days))) / followed.length,
    ownership: sum(owned) / owned.length,
    idsPerBrowser: sum(followed.map(({ length }) => length)) / followed.length,
  }
}
