import { newTracker, trackStructEvent } from '@snowplow/browser-tracker'
import { collector, offerTrack } from './page.ts'

newTracker('bench', collector, { appId: 'bench' })
offerTrack((marker) => trackStructEvent({ category: 'bench', action: marker }))
