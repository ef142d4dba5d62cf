import { bundleForPage, withVersion } from '../page-bundle.ts'

/** One SDK under test, as a page carries it. */
export interface Contender {
  readonly name: string
  /** Its file for the page, bundled; undefined for ours, which comes built. */
  readonly script: string | undefined
  /** How long after the return lost events may still turn up, in ms. */
  readonly reclaimMs: number
}

/** Longest for a queue on disk: mixpanel-browser leaves what another tab may still send alone for 10 s, and looks every 5. */
const SLOW_MS = 22_000
/** For those that send what they find on disk when the page loads. */
const ON_LOAD_MS = 12_000
/** For those that keep nothing on disk: what has not come by then is nowhere. */
const NOTHING_KEPT_MS = 6000

const RIVALS = [
  { name: 'posthog-js', file: 'posthog', reclaimMs: NOTHING_KEPT_MS },
  { name: '@segment/analytics-next', file: 'segment', reclaimMs: ON_LOAD_MS },
  { name: 'mixpanel-browser', file: 'mixpanel', reclaimMs: SLOW_MS },
  { name: '@snowplow/browser-tracker', file: 'snowplow', reclaimMs: ON_LOAD_MS },
  { name: '@openpanel/web', file: 'openpanel', reclaimMs: NOTHING_KEPT_MS },
  { name: '@plausible-analytics/tracker', file: 'plausible', reclaimMs: NOTHING_KEPT_MS },
  { name: 'umami-style keepalive fetch', file: 'umami-style', reclaimMs: NOTHING_KEPT_MS },
] as const

export const OURS: Contender = { name: 'Hello Again', script: undefined, reclaimMs: SLOW_MS }

export const isOurs = (contender: Contender): boolean => contender === OURS

/** The others with their versions, each bundled as a site would. */
export const bundleRivals = (): Promise<Contender[]> =>
  Promise.all(
    RIVALS.map(async ({ name, file, reclaimMs }) => ({
      ...{ name: withVersion(name), reclaimMs },
      script: await bundleForPage(new URL(`rivals/${file}.ts`, import.meta.url)),
    })),
  )
