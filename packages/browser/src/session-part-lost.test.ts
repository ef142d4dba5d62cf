import { afterEach, expect, it, vi } from 'vitest'
import { closeClients, openPage, SERVER_SESSION, start } from './fake-page.ts'

afterEach(closeClients)

it('still keeps, hands over and forgets where the part that opens sessions cannot be loaded', async () => {
  const page = openPage({ isSessionPartLost: true })
  const { client, errors } = start(page)
  client.track('CONTENT_CLICK')
  await client.flush()
  expect(page.timers.map(({ delayMs }) => delayMs)).toContain(4000)
  expect(client.stats().waiting).toBe(1)
  page.document.visibilityState = 'hidden'
  page.document.dispatchEvent(new Event('visibilitychange'))
  await vi.waitFor(() => expect(page.beacons).toHaveLength(1))
  await client.optOut()
  expect([...page.local.keys()]).toEqual(['helloagain_session_id_consent'])
  expect(page.sent.at(-1)?.body).toEqual({ consent: { choice: 'denied', byPerson: true } })
  client.track('CONTENT_CLICK')
  expect(client.stats().dropped).toEqual({ opted_out: 2 })
  expect(new Set(errors.map(({ message }) => message))).toEqual(new Set(['Error: lost']))
})

it('tells a refusal before optOut() returns, for the id of then, whatever part is still under way', () => {
  const page = openPage()
  const { client } = start(page)
  const { sessionId } = client
  void client.optOut()
  expect(page.sent).toEqual([
    expect.objectContaining({
      ...{ method: 'POST', path: '/api/sessions', credentials: 'include' },
      headers: expect.objectContaining({ 'X-Session-ID': sessionId, 'X-Site-Key': 'pk_test' }),
      body: { consent: { choice: 'denied', byPerson: true } },
    }),
  ])
})

it('sends what waited once the parts can be loaded', async () => {
  const page = openPage({ isSessionPartLost: true })
  const { client } = start(page)
  client.track('CONTENT_CLICK')
  await client.flush()
  page.isSessionPartLost = false
  await client.flush()
  expect(page.sent.at(-1)?.body).toMatchObject({ events: [{ eventType: 'CONTENT_CLICK' }] })
  expect(client.stats()).toMatchObject({ waiting: 0, delivered: 1 })
})

it('asks again for a part that was lost', async () => {
  const page = openPage({ isSessionPartLost: true })
  const { client } = start(page)
  await client.ready()
  page.isSessionPartLost = false
  await client.reset()
  expect(client.sessionId).toBe(SERVER_SESSION)
})
