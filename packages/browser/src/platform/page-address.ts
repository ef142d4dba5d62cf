/**
 * The address without fragment and query but for `utm_*`: tokens, mail addresses and search words
 * travel there. Relative addresses stay relative.
 */
export function cleanAddress(address: string): string {
  const [, path = '', query = ''] = /^([^?#]*)\??([^#]*)/.exec(address) ?? []
  const kept = query.split('&').filter((pair) => pair.startsWith('utm_'))
  return [path, ...(kept.length > 0 ? [kept.join('&')] : [])].join('?')
}

/** The `utm_*` parameters of a query string by name without the prefix; undefined where there are none. */
export function readUtm(search: string): Record<string, string> | undefined {
  const utm: Record<string, string> = {}
  new URLSearchParams(search).forEach((value, name) => {
    if (name.startsWith('utm_') && name.length < 37) utm[name.slice(4)] = value.slice(0, 256)
  })
  return Object.keys(utm).length > 0 ? utm : undefined
}

/**
 * The route a single-page application keeps in the fragment (`#/cart`, `#!/cart`), without its query;
 * undefined for a mere anchor, and for fragments such as `#access_token=…`.
 */
export function findHashRoute(hash: string): string | undefined {
  return /^#!?(\/[^?&=]*)/.exec(hash)?.[1]
}
