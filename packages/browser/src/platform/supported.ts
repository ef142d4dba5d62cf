/** What the SDK cannot do without, and not every engine or test environment that parses it has. */
const NEEDED = [
  'fetch',
  'AbortController',
  'BigInt',
  'crypto',
  'history',
  'document',
  'addEventListener',
] as const

/**
 * Names of what this environment lacks; empty where the SDK runs.
 *
 * That is Chrome and Edge 80, Firefox 74, Safari 14 and newer: the bundles are written in ES2020, older engines
 * refuse to parse them (Safari 13.1: the part that observes, by its `BigInt`) and the page goes on without. Node,
 * and windows of server-side rendering, lack most of it and get an inert client.
 */
export function listMissingFeatures(scope: object): string[] {
  const features = scope as Partial<Window & typeof globalThis>
  return NEEDED.filter((name) => !features[name])
}
