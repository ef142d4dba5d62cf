import { expect, it } from 'vitest'
import { createClient, getSessionHeaders, SessionManager } from './index.ts'

it('does nothing without a page, and never throws', async () => {
  const errors: string[] = []
  const client = createClient({ siteKey: 'pk_a', onError: ({ code }) => errors.push(code) })
  expect(client.supported).toBe(false)
  expect(errors).toEqual(['environment.unsupported'])
  client.track('PAGE_VIEW')
  await client.ready()
  expect(await client.profile()).toBeNull()
  expect(getSessionHeaders()).toEqual({})
})

it('works with new, over the client created last', async () => {
  const client = createClient({ siteKey: 'pk_a' })
  const manager = new SessionManager()
  expect(manager.client).toBe(client)
  expect(manager.getSessionHeaders()).toEqual({})
  expect(await manager.initialize()).toBeUndefined()
})
