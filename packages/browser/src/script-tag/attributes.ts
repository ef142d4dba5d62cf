import type { ClientOptions } from '../options.ts'

const parseValue = (text: string): boolean | number | string => {
  if (/^(true|on|)$/.test(text)) return true
  if (/^(false|off)$/.test(text)) return false
  return /^\d+$/.test(text) ? Number(text) : text
}

/**
 * Options from the script tag's `data-*` attributes: each is named as its option (`data-site-key`, `data-storage-key`,
 * `data-expiry-days="60"`, `data-auto-page-views="off"`, `data-consent="granted"` …). Three differ:
 *
 * - `data-site-key`: its presence starts the SDK;
 * - `data-endpoint`: the script's own origin by default;
 * - `data-api-origins`: origins, separated by spaces or commas, that get session id and bearer token; the
 *   page's own origin and the endpoint get the session id in any case.
 */
export function readScriptOptions(data: DOMStringMap, scriptOrigin: string): ClientOptions {
  const { apiOrigins, ...named } = data
  const options: Record<string, unknown> = { endpoint: scriptOrigin }
  for (const name in named) {
    const text = named[name] ?? ''
    const isText = /(Key|endpoint|consent)$/.test(name)
    // An empty text says nothing: `data-site-key=""` starts the SDK for the server's site `default`.
    if (!isText || text) options[name] = isText ? text : parseValue(text)
  }
  if (!apiOrigins) return options
  const tokenOrigins = apiOrigins.split(/[\s,]+/).filter(Boolean)
  // A bare path names the page's own origin.
  return { ...options, tokenOrigins, sessionTargets: ['/', String(options['endpoint']), ...tokenOrigins] }
}
