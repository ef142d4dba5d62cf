import { AnalyticsBrowser } from '@segment/analytics-next'
import { collector, offerTrack } from './page.ts'

// The collector answers the settings, which name it as the place to send to, as Segment's own CDN does.
const analytics = AnalyticsBrowser.load({ writeKey: 'bench', cdnURL: collector })
offerTrack((marker) => analytics.track('bench', { marker }))
