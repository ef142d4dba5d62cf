/** The things the SDK cannot do without. */
const NEEDED = [
  'fetch',
  'Promise',
  'URL',
  'AbortController',
  'Blob',
  'Proxy',
  'history',
  'document',
  'addEventListener',
] as const

/**
 * Names of what this environment lacks; empty where the SDK runs.
 *
 * That is Chrome and Edge 80, Firefox 74, Safari 13.1 and newer: the bundles are written in ES2020, older
 * engines refuse to parse them and the page goes on without. Node, and windows of server-side rendering,
 * lack most of it and get an inert client.
 */
export function listMissingFeatures(scope: object): string[] {
  const features = scope as Partial<Window & typeof globalThis>
  const missing: string[] = NEEDED.filter((name) => features[name] === undefined)
  if (typeof features.crypto?.getRandomValues !== 'function') missing.push('crypto.getRandomValues')
  return missing
}
