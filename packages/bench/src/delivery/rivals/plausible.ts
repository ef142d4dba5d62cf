import { init, track } from '@plausible-analytics/tracker'
import { collector, offerTrack } from './page.ts'

init({
  domain: 'shop.localhost',
  endpoint: `${collector}/api/event`,
  autoCapturePageviews: false,
  captureOnLocalhost: true,
})
offerTrack((marker) => track('bench', { props: { marker } }))
