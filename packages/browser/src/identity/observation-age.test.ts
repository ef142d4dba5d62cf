import { afterEach, expect, it } from 'vitest'
import { closeClients, openPage, STARTED_AT_MS, sessionAnswer, start } from '../fake-page.ts'

afterEach(closeClients)

it('observes again where the last observation is of the future: the clock was wrong then', async () => {
  const answer = () => ({
    status: 200,
    body: sessionAnswer({ recognition: { method: 'cookie', isReturning: true } }),
  })
  const page = openPage({ answer })
  const later = { hash: 'a'.repeat(32), observedAtMs: STARTED_AT_MS + 86_400_000 }
  page.local.set('helloagain_session_id_fingerprint', JSON.stringify(later))
  let observations = 0
  const observe = () => {
    observations += 1
    return { kept: { ...later, observedAtMs: STARTED_AT_MS } }
  }
  const { client } = start(page, { fingerprint: true, consent: 'granted' }, observe)
  await client.ready()
  for (const { work } of page.timers.splice(0)) work()
  await expect.poll(() => observations).toBe(1)
})
