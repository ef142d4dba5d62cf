import mixpanel from 'mixpanel-browser'
import { collector, offerTrack } from './page.ts'

mixpanel.init('bench', { api_host: collector, autocapture: false, record_sessions_percent: 0 })
offerTrack((marker) => mixpanel.track('bench', { marker }))
