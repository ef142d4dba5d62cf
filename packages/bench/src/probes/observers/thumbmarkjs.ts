import { Thumbmark } from '@thumbmarkjs/thumbmarkjs'
import { offerObserve } from './page.ts'

offerObserve(async () => {
  const { thumbmark } = await new Thumbmark({ logging: false }).get()
  return { hash: thumbmark }
})
