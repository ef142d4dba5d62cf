import { OpenPanel } from '@openpanel/web'
import { collector, offerTrack } from './page.ts'

const panel = new OpenPanel({ apiUrl: collector, clientId: 'bench' })
offerTrack((marker) => panel.track('bench', { marker }))
