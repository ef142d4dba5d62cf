import { afterEach, expect, it, vi } from 'vitest'
import { closeClients, openPage, SERVER_SESSION, start } from './fake-page.ts'

afterEach(closeClients)

/** The part is asked for again, later each time. */
const RELOADS_MS = [4000, 8000, 16_000, 32_000, 60_000]

const due = ({ timers }: ReturnType<typeof openPage>) =>
  timers.filter(({ delayMs, atMs }) => RELOADS_MS.includes(delayMs) && atMs < Infinity)

it('keeps, hands over and forgets where the part that sends cannot be loaded, and says so', async () => {
  const page = openPage({ isDeliveryPartLost: true })
  const { client, errors } = start(page)
  client.track('CONTENT_CLICK')
  await client.ready()
  expect(client.sessionId).toBe(SERVER_SESSION)
  await client.flush()
  expect(errors.map(({ message }) => message)).toContain('Error: lost')
  const kept = [...page.local].filter(([key]) => key.includes('_event_'))
  // Another tab may send it from now on: under the id that counts.
  expect(kept.map(([, text]) => JSON.parse(text))).toEqual([
    { sessionId: SERVER_SESSION, event: expect.objectContaining({ eventType: 'CONTENT_CLICK' }) },
  ])
  page.document.visibilityState = 'hidden'
  page.document.dispatchEvent(new Event('visibilitychange'))
  await vi.waitFor(() => expect(page.beacons).toHaveLength(1))
  expect(client.stats()).toMatchObject({ waiting: 1, delivered: 0 })
  await client.optOut()
  expect([...page.local.keys()]).toEqual(['helloagain_session_id_consent'])
  expect(page.sent.at(-1)?.body).toEqual({ consent: { choice: 'denied', byPerson: true } })
  expect(client.stats()).toEqual({ waiting: 0, delivered: 0, dropped: { opted_out: 1 } })
})

it('asks for it again, with one appointment however often the page flushes', async () => {
  const page = openPage({ isDeliveryPartLost: true })
  const { client } = start(page)
  client.track('CONTENT_CLICK')
  for (let n = 0; n < 5; n += 1) await client.flush()
  const [appointment, ...others] = due(page)
  expect(others).toEqual([])
  page.isDeliveryPartLost = false
  appointment?.work()
  await vi.waitFor(() => {
    for (const timer of page.timers.splice(0)) if (timer.delayMs === 0) timer.work()
    expect(client.stats()).toEqual({ waiting: 0, delivered: 1, dropped: {} })
  })
  expect(page.sent.at(-1)?.body).toMatchObject({ events: [{ eventType: 'CONTENT_CLICK' }] })
})

it('holds nothing open where the client was closed while the part was under way', async () => {
  let arrive: () => void = () => undefined
  const page = openPage({ beforeDelivery: new Promise<void>((resolve) => (arrive = resolve)) })
  const { client } = start(page)
  const heard = new Set<string>()
  const { addEventListener, removeEventListener } = page.scope
  page.scope.addEventListener = (...args) => {
    heard.add(args[0])
    addEventListener(...args)
  }
  page.scope.removeEventListener = (...args) => {
    heard.delete(args[0])
    removeEventListener(...args)
  }
  const flushed = client.flush()
  await client.ready()
  client.close()
  arrive()
  await flushed
  await vi.waitFor(() => expect([...heard]).toEqual([]))
  expect(page.timers.filter(({ atMs, delayMs }) => atMs < Infinity && delayMs === 0)).toEqual([])
})
