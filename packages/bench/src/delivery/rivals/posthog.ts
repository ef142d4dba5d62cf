import posthog from 'posthog-js'
import { collector, offerTrack } from './page.ts'

posthog.init('phc_bench', {
  api_host: collector,
  autocapture: false,
  capture_pageview: false,
  disable_session_recording: true,
  disable_surveys: true,
})
offerTrack((marker) => posthog.capture('bench', { marker }))
