import { load } from '@fingerprintjs/fingerprintjs'
import { offerObserve } from './page.ts'

offerObserve(async () => {
  const agent = await load({ monitoring: false })
  const { visitorId, confidence } = await agent.get()
  return { hash: visitorId, confidence: confidence.score }
})
