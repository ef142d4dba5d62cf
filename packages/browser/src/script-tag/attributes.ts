import type { ClientOptions } from '../options.ts'

const isOn = (text: string | undefined): boolean | undefined =>
  text === undefined ? undefined : !/^(false|off|no|0)$/i.test(text)

const toNumber = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : Number(text)

const toList = (text: string | undefined): string[] => text?.split(/[\s,]+/).filter(Boolean) ?? []

/**
 * Options from the script tag's `data-*` attributes:
 *
 * | attribute | option | |
 * | --- | --- | --- |
 * | `data-site-key` | `siteKey` | its presence starts the SDK |
 * | `data-endpoint` | `endpoint` | the script's own origin by default |
 * | `data-consent` | `consent` | `granted`, `denied` or `unset` |
 * | `data-api-origins` | `sessionTargets`, `tokenOrigins` | separated by spaces or commas; besides page and endpoint |
 * | `data-storage-key`, `data-user-data-key`, `data-expiry-days`, `data-time-bound-ms` | the same | |
 * | `data-auto-refresh`, `data-auto-page-views`, `data-fingerprint`, `data-intercept-requests`, `data-forms`, `data-debug` | the same | `off` or `false` turns off |
 */
export function readScriptOptions(
  data: DOMStringMap,
  origins: { page: string; script: string },
): ClientOptions {
  const read = (name: string): string | undefined => data[name]
  const endpoint = read('endpoint') ?? origins.script
  const apiOrigins = toList(read('apiOrigins'))
  const options: { [name in keyof ClientOptions]: ClientOptions[name] | undefined } = {
    endpoint,
    siteKey: read('siteKey'),
    consent: read('consent') as ClientOptions['consent'] & string,
    sessionTargets: [origins.page, new URL(endpoint, origins.page).origin, ...apiOrigins],
    tokenOrigins: apiOrigins,
    storageKey: read('storageKey'),
    userDataKey: read('userDataKey'),
    expiryDays: toNumber(read('expiryDays')),
    timeBoundMs: toNumber(read('timeBoundMs')),
    autoRefresh: isOn(read('autoRefresh')),
    autoPageViews: isOn(read('autoPageViews')),
    fingerprint: isOn(read('fingerprint')),
    interceptRequests: isOn(read('interceptRequests')),
    forms: isOn(read('forms')),
    debug: isOn(read('debug')),
  }
  const given = Object.entries(options).filter(([, value]) => value !== undefined)
  return Object.fromEntries(given) as ClientOptions
}
