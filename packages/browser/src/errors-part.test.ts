import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { captureErrors } from './errors-part.ts'
import { closeClients, openPage, start } from './fake-page.ts'

let page: ReturnType<typeof openPage>

beforeEach(() => {
  page = openPage()
  vi.stubGlobal('window', page.scope)
})
afterEach(() => {
  closeClients()
  vi.unstubAllGlobals()
})

const fail = (message: string) =>
  page.target.dispatchEvent(
    Object.assign(new Event('error'), { error: { name: 'TypeError', message, stack: '' } }),
  )

it('tells the errors of a page once, however often capturing is asked for', () => {
  const told: unknown[] = []
  const undos = [() => undefined]
  const track = (_: string, payload: unknown) => void told.push(payload)
  const undo = captureErrors(track, undos)
  expect(captureErrors(track, undos)).toBe(undo)
  fail('no cart')
  expect(told).toHaveLength(1)
  undo()
  captureErrors(track, undos, true)
  fail('no cart')
  expect(told).toHaveLength(2)
  for (const each of undos) each()
})

it('starts nothing for a client that was closed while the part was loaded', () => {
  const told: unknown[] = []
  captureErrors((_, payload) => void told.push(payload), [])
  fail('no cart')
  expect(told).toEqual([])
})

it('is stopped by closing the client', async () => {
  const told: unknown[] = []
  const undos: (() => void)[] = [() => undefined]
  captureErrors((_, payload) => void told.push(payload), undos)
  for (const undo of undos.splice(0)) undo()
  fail('no cart')
  expect(told).toEqual([])
})

it('answers an undo that does nothing where the client is inert', async () => {
  const { client } = start(page, { siteKey: 'sk_secret' })
  const undo = await client.captureErrors()
  expect(undo).not.toThrow()
})
